/// The looks of pages and of pictures that stand alone, for light, dark and paper. Every text has a
/// contrast of at least 4.5 to what is behind it (WCAG 2.2, 1.4.3), and no fact is told by colour alone.
enum PageStyle {
  /// Of a whole page.
  static let page: Markup = "\(colours)\(shapes)\(layout)\(parts)\(narrow)"

  /// Of a picture that is a document of its own.
  static let plots: Markup = "\(colours)\(shapes)"

  private static let colours: Markup = """
    :root{color-scheme:light dark;--paper:#fff;--ink:#1b1c20;--muted:#54575f;--line:#d3d6db;--soft:#f2f3f5;
    --certified:#0063a3;--falsified:#b84300;--misclassified:#6d4a8c;--unknown:#8a6100;--plain:#d3d6db;
    --link:#0057a0}
    @media screen and (prefers-color-scheme:dark){:root{--paper:#15171b;--ink:#e9eaec;--muted:#b2b6bd;
    --line:#3b3f47;--soft:#20232a;--certified:#5fb0ee;--falsified:#ff9560;--misclassified:#c3a2e0;
    --unknown:#e5b74c;--plain:#3b3f47;--link:#8cc4ff}}

    """

  private static let shapes: Markup = """
    svg{font:12.5px system-ui,"Helvetica Neue",Arial,sans-serif}
    svg text{fill:var(--ink)}svg .head{font-size:15px;font-weight:600}
    .paper{fill:var(--paper)}.certified{fill:var(--certified)}.falsified{fill:var(--falsified)}
    .misclassified{fill:var(--misclassified)}.unknown{fill:var(--unknown)}.plain{fill:var(--plain)}
    .grid{stroke:var(--line);fill:none}.mark{stroke:var(--ink);stroke-dasharray:4 3;fill:none}
    .whisker{stroke:var(--ink);stroke-width:1.6;fill:none}
    .line0,.line1,.line2,.line3,.line4,.line5{fill:none;stroke-width:2}
    .line0{stroke:var(--certified)}.line1{stroke:var(--falsified);stroke-dasharray:7 3}
    .line2{stroke:var(--misclassified);stroke-dasharray:2 3}
    .line3{stroke:var(--unknown);stroke-dasharray:10 3 2 3}
    .line4{stroke:var(--ink);stroke-dasharray:1 2}.line5{stroke:var(--muted);stroke-dasharray:14 4}

    """

  private static let layout: Markup = """
    *{box-sizing:border-box}
    body{margin:0;background:var(--paper);color:var(--ink);
    font:16px/1.55 system-ui,"Helvetica Neue",Arial,sans-serif}
    header,main,footer,nav{max-width:1080px;margin:0 auto;padding:0 20px}
    header{padding-top:28px}footer{padding-bottom:40px;color:var(--muted)}
    h1{font-size:1.8rem;line-height:1.2;margin:0 0 .3em;overflow-wrap:anywhere}
    h2{font-size:1.35rem;margin:2.2em 0 .5em;border-top:1px solid var(--line);padding-top:.8em}
    h3{font-size:1.1rem;margin:1.6em 0 .4em}h4{font-size:1rem;margin:1.4em 0 .4em}h5{font-size:1rem}
    li>h4,li>h5{margin:0 0 .3em}
    p,li,dd{max-width:72ch}a{color:var(--link)}
    a:focus-visible,.scroll:focus-visible{outline:3px solid var(--link);outline-offset:2px}
    .skip{position:absolute;left:-999px}.skip:focus{left:12px;top:8px;background:var(--paper);padding:6px}
    nav ul{list-style:none;padding:0;margin:.8em 0 0;display:flex;flex-wrap:wrap;gap:4px 18px}
    .sub{color:var(--muted);margin:0;overflow-wrap:anywhere}.lead{font-size:1.12rem}

    """

  private static let parts: Markup = """
    .plots{display:grid;align-items:start;grid-template-columns:repeat(auto-fit,minmax(320px,1fr));gap:24px}
    figure{margin:0 0 8px;max-width:560px}figcaption{color:var(--muted);font-size:.92rem}
    svg.plot{width:100%;height:auto;display:block}
    .tiles{display:flex;flex-wrap:wrap;gap:12px;padding:0;margin:16px 0;list-style:none}
    .tiles li{border:1px solid var(--line);border-left:8px solid var(--plain);padding:6px 14px;min-width:138px}
    .tiles b{display:block;font-size:1.35rem}
    .tiles .certified{border-left-color:var(--certified)}.tiles .falsified{border-left-color:var(--falsified)}
    .tiles .misclassified{border-left-color:var(--misclassified)}
    .tiles .unknown{border-left-color:var(--unknown)}
    .warning{border-left:5px solid var(--unknown);background:var(--soft);padding:8px 14px;margin:8px 0;
    overflow-wrap:anywhere}
    .scroll{overflow-x:auto;margin:8px 0 16px;container-type:inline-size}
    table{border-collapse:collapse;font-size:.93rem;font-variant-numeric:tabular-nums}
    caption{text-align:left;color:var(--muted);padding-bottom:4px;max-width:100cqi}
    th,td{padding:4px 8px;text-align:right;border-bottom:1px solid var(--line);vertical-align:top}
    .pairs th,.pairs td{padding:4px 6px}
    th{font-weight:600}.text th,.text td,th.name,th:first-child{text-align:left;white-space:nowrap}
    .text td{overflow-wrap:anywhere}code{font-size:.92em;overflow-wrap:anywhere}
    .heat1{background:color-mix(in srgb,var(--certified) 9%,var(--paper))}
    .heat2{background:color-mix(in srgb,var(--certified) 18%,var(--paper))}
    .heat3{background:color-mix(in srgb,var(--certified) 27%,var(--paper))}
    .heat4{background:color-mix(in srgb,var(--certified) 36%,var(--paper))}
    .cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,318px),1fr));gap:14px;
    padding:0;margin:12px 0;list-style:none}
    .cards>li{border:1px solid var(--line);padding:10px 12px;break-inside:avoid;max-width:none}
    .cards p{margin:.35em 0;font-size:.93rem}
    .pictures{display:flex;gap:6px}.pictures figure{flex:1 1 0;min-width:0;margin:0;max-width:112px}
    .pictures img{width:100%;height:auto;image-rendering:pixelated;border:1px solid var(--line);display:block}
    .pictures img.scaled{image-rendering:auto}
    .pictures figcaption{font-size:.72rem;overflow-wrap:anywhere}
    dt{font-weight:600;margin-top:.7em}dd{margin:0}

    """

  private static let narrow: Markup = """
    @media (max-width:480px){header,main,footer,nav{padding-left:14px;padding-right:14px}
    h1{font-size:1.45rem}.plots{grid-template-columns:minmax(0,1fr)}th,td{padding:4px 7px}
    .tiles li{flex:1 1 138px}}
    @media print{body{font-size:11pt}nav,.skip{display:none}h2,h3,h4{break-after:avoid}
    figure,table,.tiles{break-inside:avoid}.scroll{overflow:visible}
    svg,.tiles li,[class^=heat]{-webkit-print-color-adjust:exact;print-color-adjust:exact}}

    """
}
