# Sourced by the other commands here: a Python that is new enough, and a virtual environment as the lock file says.
# Needs $root. Every failure is one sentence and exit code 2.

fail() {
    echo "$(basename "$0"): $*" >&2
    exit 2
}

find_python() {
    for python in "${PYTHON:-}" python3 python3.13 python3.12 python3.11 python3.14; do
        if [ -n "$python" ] && "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            return 0
        fi
    done
    fail "Python 3.11 or newer is needed and was not found: install python3, or name one with PYTHON=/path/to/python3."
}

# has_postgres: true if the system has PostgreSQL programs of version 15 or newer.
has_postgres() {
    for program in /usr/lib/postgresql/*/bin/postgres /usr/pgsql-*/bin/postgres "$(command -v postgres || true)"; do
        if [ -x "$program" ]; then
            major=$("$program" --version | sed -E 's/^[^0-9]*([0-9]+).*/\1/')
            if [ "${major:-0}" -ge 15 ]; then
                return 0
            fi
        fi
    done
    return 1
}

# make_venv LOCK: installs what the lock names into .venv, only when the lock has changed since.
make_venv() {
    lock="$root/requirements/$1"
    venv="$root/.venv"
    done_file="$venv/installed-$1"
    find_python_unless_made
    sum=$("$venv/bin/python" -c 'import hashlib, sys; print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest())' "$lock") \
        || fail "The lock file $lock cannot be read."
    if [ "$(cat "$done_file" 2>/dev/null)" != "$sum" ]; then
        began=$(date +%s)
        echo "Installing Python packages of requirements/$1 (hash-checked; once per change) ..."
        rm -f "$done_file"
        "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --require-hashes -r "$lock" \
            || fail "The packages of requirements/$1 could not be installed; pip says why above."
        echo "$sum" >"$done_file"
        echo "Installed after $(($(date +%s) - began)) s."
    fi
}

find_python_unless_made() {
    if "$venv/bin/python" -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        return 0
    fi
    find_python
    rm -rf "$venv"
    "$python" -m venv "$venv" >/dev/null 2>&1 \
        || fail "A virtual environment could not be made in $venv: is there room, and is the venv module installed (Debian: python3-venv)?"
}
