# Everything that a fresh Debian machine needs beside Swift: `make demo` and `make test` install what
# is missing, and say nothing when nothing is.

SWIFT ?= swift
PYTHON ?= python3
PREFIX ?= /usr/local
DESTDIR ?=

PACKAGES = pkg-config libprotobuf-c-dev libjson-c-dev zlib1g-dev nettle-dev libgmp-dev
TEST_PACKAGES = groff-base python3 binutils
# For packages of a release, and for trying them in a Debian of their own.
RELEASE_PACKAGES = python3 python3-venv binutils dpkg-dev xz-utils
CAMPAIGN_PACKAGES = debootstrap fish zsh buildah slurm-wlm munge chromium chromium-driver
# One set of flags, and one place, for what is installed and for its tests: what is tested are the objects
# that ship. The program carries its Swift library (Package.swift says so, of it alone) and looks for no
# other in its own folder, where anybody may have put one.
# Debug information names no compiled module of clang: those have a number that is drawn anew for each build, and
# two builds would not have the same bytes, nor the same id.
RELEASE = --configuration release --disable-local-rpath --explicit-target-dependency-import-check error \
  -Xswiftc -Xfrontend -Xswiftc -no-clang-module-breadcrumbs
BINARY = .build/release/certify
TESTS = .build/release/certifyPackageTests.xctest

# The archives of the C libraries, with what pkg-config says of them: they are linked into the program.
ARCHIVES = .build/archives
export PKG_CONFIG_PATH := $(CURDIR)/$(ARCHIVES)$(if $(PKG_CONFIG_PATH),:$(PKG_CONFIG_PATH))
DIGITS = fixtures/digits

# What `make campaign` gives each target of the fuzzing.
CAMPAIGN_SECONDS ?= 600

.PHONY: all build demo test fuzz threads lint install uninstall campaign bench fixtures clean packages \
	test-packages release-packages campaign-packages archives commit swift wheel deb tarball release installed slurm \
	pipeline

all: build

build: archives swift commit
	@$(SWIFT) build $(RELEASE) --product certify

demo: build
	$(BINARY) $(DIGITS)/conv-robust.onnx --eps 0.05 \
	  --data $(DIGITS)/digits-test-images-idx3-ubyte --output report.json
	@echo "The report is in report.json; 'man ./man/certify.1' explains it."

test: demo test-packages release-packages lint
	@Tests/Shipped/run $(BINARY)
	@Tests/Shipped/module $(BINARY)
	@Tests/Completions/run $(BINARY)
	@$(PYTHON) Tests/Audit/second.py $(BINARY)
	@$(SWIFT) build $(RELEASE) --build-tests
	@$(PYTHON) Tests/Timed/run $(TESTS)
	@$(MAKE) --no-print-directory fuzz

# Eleven targets, 6 s each, and the C code under clang's sanitizers; see Fuzzing/README.md. A machine that
# is busy with something else stops an input for seconds: here ten are a hang, in a campaign two.
FUZZ_SECONDS ?= 6
fuzz: build
	@SWIFT="$(SWIFT)" Tests/C/run
	@SWIFT="$(SWIFT)" FUZZ_TIMEOUT=10 Fuzzing/run $(FUZZ_SECONDS)

# Swift's concurrency under the thread sanitizer, which is asked first whether it finds a planted race; with the
# system's shared libraries, not their archives.
threads: packages swift
	@SWIFT="$(SWIFT)" Tests/Threads/run

lint: test-packages swift
	@$(SWIFT) format lint --strict --recursive Sources Tests Fuzzing Package.swift
	@Tests/Manual/run man/*.[15]

# Everything in full: needs CERTIFY_CORPUS, and hours rather than minutes.
campaign: archives swift commit campaign-packages release-packages
	@$(SWIFT) build $(RELEASE) --build-tests
	@CERTIFY_CAMPAIGN=1 $(PYTHON) Tests/Timed/run $(TESTS)
	@SWIFT="$(SWIFT)" Tests/C/run 5000
	@SWIFT="$(SWIFT)" $(PYTHON) Tests/Mutations/run
	@$(MAKE) --no-print-directory installed slurm pipeline
	@$(MAKE) --no-print-directory threads
	@PYTHON="$(PYTHON)" Tests/Kubernetes/run $(BINARY)
	@PYTHON="$(PYTHON)" Tests/Browser/run $(BINARY)
	@PYTHON="$(PYTHON)" Tests/Foreign/run $(BINARY)
	@$(PYTHON) Tests/Audit/mutate.py $(BINARY) 5000
	@SWIFT="$(SWIFT)" $(PYTHON) Tests/Audit/plant $(BINARY)
	@SWIFT="$(SWIFT)" Fuzzing/run $(CAMPAIGN_SECONDS)

# Every package in a Debian of its own, and the module beside others; as root.
installed: build campaign-packages release-packages
	@Tests/Installed/run $(BINARY) dist
	@Tests/Shipped/module $(BINARY) numpy==2.4.6 pandas==3.1.1
	@Tests/Completions/run $(BINARY) bash zsh fish

# A job array on a Slurm of this machine's own; as root.
slurm: build campaign-packages
	@Tests/Slurm/run $(BINARY)

# Needs a network for the Python packages.
pipeline: build
	@Tests/Pipeline/run $(BINARY) .build-pipeline

bench: build
	@$(PYTHON) Benchmarks/run.py --certify $(BINARY)

# Needs a network for the Python packages; fixtures/generate/README.md has the details.
fixtures:
	@$(PYTHON) -m venv .build-venv
	@.build-venv/bin/pip install --no-deps convex-adversarial==0.4.4
	@grep -v convex fixtures/generate/requirements.txt > .build-venv/others.txt
	@.build-venv/bin/pip install -r .build-venv/others.txt
	@.build-venv/bin/python fixtures/generate/all.py

# What the manual's examples read.
EXAMPLES = $(addprefix $(DIGITS)/, conv-robust.onnx conv-ordinary.onnx dense-robust.weights.json \
    digits-test-images-idx3-ubyte digits-test-labels-idx1-ubyte) \
  $(addprefix fixtures/plane/, plane-robust.onnx plane-points.idx plane-points-labels.idx)

SHARE = $(DESTDIR)$(PREFIX)/share
BASH_COMPLETION = $(SHARE)/bash-completion/completions/certify
ZSH_COMPLETION = $(SHARE)/zsh/site-functions/_certify
FISH_COMPLETION = $(SHARE)/fish/vendor_completions.d/certify.fish

# No compiler for root: what is there is installed.
install:
	@test -x $(BINARY) || $(MAKE) --no-print-directory build
	install -D --mode 755 --strip --strip-program=$(CURDIR)/Packaging/strip $(BINARY) \
	  $(DESTDIR)$(PREFIX)/bin/certify
	install -D --mode 644 -t $(SHARE)/man/man1 man/*.1
	install -D --mode 644 -t $(SHARE)/man/man5 man/*.5
	install -D --mode 644 -t $(SHARE)/certify schema/*.schema.json
	install -D --mode 644 -t $(SHARE)/certify/examples $(EXAMPLES)
	cd examples && find . -type f -exec install -D --mode 644 {} $(abspath $(SHARE))/certify/examples/{} \;
	chmod 755 $(SHARE)/certify/examples/slurm/*.sbatch
	$(BINARY) --generate-completion-script bash | install -D --mode 644 /dev/stdin $(BASH_COMPLETION)
	$(BINARY) --generate-completion-script zsh | install -D --mode 644 /dev/stdin $(ZSH_COMPLETION)
	$(BINARY) --generate-completion-script fish | install -D --mode 644 /dev/stdin $(FISH_COMPLETION)

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/certify $(BASH_COMPLETION) $(ZSH_COMPLETION) $(FISH_COMPLETION)
	rm -f $(addprefix $(SHARE)/man/man1/,$(notdir $(wildcard man/*.1)))
	rm -f $(addprefix $(SHARE)/man/man5/,$(notdir $(wildcard man/*.5)))
	rm -rf $(SHARE)/certify

# What needs no Swift where it is installed; see Packaging/README.md.
release: wheel deb tarball

wheel deb tarball: build release-packages
	@mkdir -p dist
	@Packaging/$@ $(BINARY) dist

clean:
	rm -rf .build .build-fuzz .build-mutants .build-venv dist report.json

# Asks the package manager only about what is not there; elsewhere than on Debian, says what is
# needed and goes on.
define install-missing
@missing=; for name in $(1); do \
  dpkg-query --show --showformat '$${Status}\n' $$name 2>/dev/null | grep -q ' installed$$' \
    || missing="$$missing $$name"; \
done; \
[ -z "$$missing" ] && exit 0; \
if ! command -v apt-get >/dev/null; then \
  echo "certify needs what Debian calls:$$missing" >&2; exit 0; \
fi; \
if [ "$$(id -u)" -eq 0 ]; then sudo=; else sudo=sudo; fi; \
echo "installing$$missing"; \
$$sudo apt-get update -q && \
  $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends $$missing
endef

packages:
	$(call install-missing,$(PACKAGES))

test-packages:
	$(call install-missing,$(TEST_PACKAGES))

release-packages:
	$(call install-missing,$(RELEASE_PACKAGES))

campaign-packages:
	$(call install-missing,$(CAMPAIGN_PACKAGES))

archives: packages
	@Packaging/archives $(ARCHIVES)

# What reports and `certify --version` say that the program was built from.
commit:
	@Packaging/commit

swift:
	@command -v $(SWIFT) >/dev/null || { \
	  echo "'$(SWIFT)' is not on PATH; certify needs Swift 6.2 or newer" >&2; \
	  echo "install it (https://www.swift.org/install), or say: make SWIFT=/path/to/swift" >&2; \
	  exit 1; }
