# The two commands a newcomer needs: `make demo` and `make test`.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
ARGS   ?=
SERVERS := openssh-server curl git dovecot-imapd radosgw ceph-mon ceph-osd ceph-common \
           proftpd-core proftpd-mod-crypto
PEERS   := lftp awscli ffmpeg

.PHONY: setup demo run test check format docs bench lock ci-servers test-servers bench-tools clean help

help:
	@echo "make demo    an album from submission to live and to takedown, on this machine"
	@echo "make test    every test"
	@echo "make run     everything on the embedded default; stays up"
	@echo "make check   format, lint, types, import rules"
	@echo "make format  mend what check finds, where a tool can"
	@echo "make docs    draw again what of docs/ is drawn from the code"
	@echo "make bench   measure against the raw limits of the machine (ARGS='--only NAME --json')"

setup: $(VENV)/.installed

# The stamp depends on the lock, so that a changed lock installs again.
$(VENV)/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Deadwax needs Python 3.11 or newer; set PYTHON=/path/to/python3.11" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "The venv module is missing (on Debian: apt-get install python3-venv)" >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e . >&2
	@touch $@

demo: setup
	@$(BIN)/deadwax demo $(ARGS)

run: setup
	@$(BIN)/deadwax up $(ARGS)

# Two processes, a file of tests each at a time: both have servers of their own. In the order of
# the folders, so that the longest test of all, which is alone in its file, does not begin last.
# One thread of linear algebra in each: two in each wait for each other, and take three times as long.
# Compiled files are kept, whatever the environment says: hundreds of processes are started.
test: setup
	@OPENBLAS_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy -p deadwax
	$(BIN)/lint-imports

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# The pages and tables of docs/ that are drawn from the code; tests keep them equal.
docs: setup
	@for script in docs/draw_*.py; do $(BIN)/python $$script --write || exit 1; done

bench: setup
	@$(BIN)/python -m tests.bench $(ARGS)

# What the tests talk to and no wheel brings (Debian and its kin).
ci-servers: test-servers
	@for tool in sshd curl git dovecot radosgw ceph-mon ceph-osd ceph proftpd; do PATH=$$PATH:/usr/sbin command -v $$tool >/dev/null || missing=1; done; \
	test -z "$$missing" || { apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
	  apt-get install -y -qq --no-install-recommends $(SERVERS); }

# Servers that come by npm, as their lock says; needs Node 20.19 or newer. npm trusts whom the
# system trusts, as pip and apt do.
test-servers: tests/servers/node_modules/.installed

tests/servers/node_modules/.installed: tests/servers/package-lock.json
	@NODE_EXTRA_CA_CERTS=$${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt} \
	  npm ci --prefix tests/servers --no-audit --no-fund --loglevel=error
	@touch $@

# What benches compare us with (Debian and its kin).
bench-tools:
	@for tool in lftp aws ffmpeg; do command -v $$tool >/dev/null || missing=1; done; \
	test -z "$$missing" || { apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
	  apt-get install -y -qq --no-install-recommends $(PEERS); }

# Needs uv (`pip install uv`). Hashes for every platform, no index address.
lock:
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-header --no-annotate -q -o requirements.lock

clean:
	rm -rf $(VENV) .deadwax build dist
