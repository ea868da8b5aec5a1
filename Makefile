# Everything that a fresh Debian machine needs beside Swift: `make demo` and `make test` install what
# is missing, and say nothing when nothing is.

SWIFT ?= swift
PYTHON ?= python3
PREFIX ?= /usr/local
DESTDIR ?=

PACKAGES = pkg-config libprotobuf-c-dev libjson-c-dev zlib1g-dev nettle-dev
TEST_PACKAGES = groff-base python3
# One set of flags, and one place, for what is installed and for its tests: what is tested are the objects
# that ship. The program carries its Swift library (Package.swift says so, of it alone) and looks for no
# other in its own folder, where anybody may have put one.
RELEASE = --configuration release --disable-local-rpath --explicit-target-dependency-import-check error
BINARY = .build/release/certify
TESTS = .build/release/certifyPackageTests.xctest
DIGITS = fixtures/digits

# What `make campaign` gives each target of the fuzzing.
CAMPAIGN_SECONDS ?= 600

.PHONY: all build demo test fuzz threads lint install uninstall campaign bench fixtures clean packages \
	test-packages swift

all: build

build: packages swift
	@$(SWIFT) build $(RELEASE) --product certify

demo: build
	$(BINARY) $(DIGITS)/conv-robust.onnx --eps 0.05 \
	  --data $(DIGITS)/digits-test-images-idx3-ubyte --output report.json
	@echo "The report is in report.json; 'man ./man/certify.1' explains it."

test: demo test-packages lint
	@Tests/Shipped/run $(BINARY)
	@$(SWIFT) build $(RELEASE) --build-tests
	@$(PYTHON) Tests/Timed/run $(TESTS)
	@$(MAKE) --no-print-directory fuzz

# Nine targets, 7 s each, and the C code under clang's sanitizers; see Fuzzing/README.md. A machine that
# is busy with something else stops an input for seconds: here ten are a hang, in a campaign two.
FUZZ_SECONDS ?= 7
fuzz: build
	@SWIFT="$(SWIFT)" Tests/C/run
	@SWIFT="$(SWIFT)" FUZZ_TIMEOUT=10 Fuzzing/run $(FUZZ_SECONDS)

# Swift's concurrency under the thread sanitizer: every worker at every step of a run.
THREADED = .build-fuzz/threads/release/certify $(DIGITS)/conv-robust.onnx --eps 0.08 --threads 4 \
  --data $(DIGITS)/digits-test-images-idx3-ubyte --quiet --output .build-fuzz/threads/report.json
threads: packages swift
	@$(SWIFT) build --configuration release --scratch-path .build-fuzz/threads --sanitize=thread \
	  --product certify
	@TSAN_OPTIONS=halt_on_error=1 $(THREADED) --radii all --attack pgd
	@TSAN_OPTIONS=halt_on_error=1 $(THREADED) --radii off --arithmetic real --slopes parallel

lint: test-packages swift
	@$(SWIFT) format lint --strict --recursive Sources Tests Fuzzing Package.swift
	@groff -man -ww -z -Tutf8 man/certify.1

# Everything in full: needs CERTIFY_CORPUS, and hours rather than minutes.
campaign: packages swift
	@$(SWIFT) build $(RELEASE) --build-tests
	@CERTIFY_CAMPAIGN=1 $(PYTHON) Tests/Timed/run $(TESTS)
	@SWIFT="$(SWIFT)" Tests/C/run 5000
	@SWIFT="$(SWIFT)" $(PYTHON) Tests/Mutations/run
	@$(MAKE) --no-print-directory threads
	@SWIFT="$(SWIFT)" Fuzzing/run $(CAMPAIGN_SECONDS)

bench: build
	@$(PYTHON) Benchmarks/run.py --certify $(BINARY)

# Needs a network for the Python packages; fixtures/generate/README.md has the details.
fixtures:
	@$(PYTHON) -m venv .build-venv
	@.build-venv/bin/pip install --no-deps convex-adversarial==0.4.4
	@grep -v convex fixtures/generate/requirements.txt > .build-venv/others.txt
	@.build-venv/bin/pip install -r .build-venv/others.txt
	@.build-venv/bin/python fixtures/generate/all.py

# No compiler for root: what is there is installed.
install:
	@test -x $(BINARY) || $(MAKE) --no-print-directory build
	install -D --mode 755 --strip $(BINARY) $(DESTDIR)$(PREFIX)/bin/certify
	install -D --mode 644 man/certify.1 $(DESTDIR)$(PREFIX)/share/man/man1/certify.1
	install -D --mode 644 -t $(DESTDIR)$(PREFIX)/share/certify schema/*.schema.json

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/certify $(DESTDIR)$(PREFIX)/share/man/man1/certify.1 \
	  $(DESTDIR)$(PREFIX)/share/certify/report.schema.json \
	  $(DESTDIR)$(PREFIX)/share/certify/explain.schema.json
	-rmdir $(DESTDIR)$(PREFIX)/share/certify

clean:
	rm -rf .build .build-fuzz .build-mutants .build-venv report.json

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

swift:
	@command -v $(SWIFT) >/dev/null || { \
	  echo "'$(SWIFT)' is not on PATH; certify needs Swift 6.2 or newer" >&2; \
	  echo "install it (https://www.swift.org/install), or say: make SWIFT=/path/to/swift" >&2; \
	  exit 1; }
