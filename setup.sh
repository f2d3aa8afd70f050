#!/bin/sh
# Sets everything up: system headers that Manim's text and drawing are compiled against, a virtual
# environment in .venv, and the pinned packages. Called by make; safe to run again at any time.
set -eu
cd "$(dirname "$0")"

say() { printf '%s\n' "$*" >&2; }
stop() { say "$*"; exit 1; }

find_python() {
    for name in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
        if command -v "$name" >/dev/null 2>&1 &&
            "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
    stop "pagereel needs Python 3.11 or newer; name one with: make PYTHON=/path/to/python3"
}

# What must be there before pip can build pycairo and ManimPango, and make a virtual environment.
missing_pieces() {
    command -v cc >/dev/null 2>&1 || echo compiler
    command -v pkg-config >/dev/null 2>&1 || { echo pkg-config; return; }
    pkg-config --exists cairo || echo cairo
    pkg-config --exists pangocairo || echo pango
    header=$("$1" -c 'import sysconfig; print(sysconfig.get_path("include"))')/Python.h
    [ -f "$header" ] || echo python-headers
    "$1" -c 'import ensurepip' 2>/dev/null || echo venv
}

apt_packages() {
    version=$("$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    echo "gcc libc6-dev pkg-config libcairo2-dev libpango1.0-dev python$version-dev python$version-venv"
}

install_with_apt() {
    as_root=""
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null 2>&1 || return 1
        as_root="sudo"
    fi
    wanted=$(apt_packages "$1")
    # A Python that did not come from apt brings its own headers and venv.
    case "$("$1" -c 'import sys; print(sys.base_prefix)')" in
        /usr) ;;
        *) wanted=$(printf '%s\n' $wanted | grep -v '^python' | tr '\n' ' ') ;;
    esac
    say "installing with apt: $wanted"
    # shellcheck disable=SC2086  # a list of packages
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q $wanted >/dev/null 2>&1 || {
        $as_root apt-get update -q >/dev/null &&
            $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q $wanted >/dev/null
    }
}

python=$(find_python)
missing=$(missing_pieces "$python" | tr '\n' ' ')
if [ -n "$missing" ]; then
    say "missing: $missing"
    if command -v apt-get >/dev/null 2>&1; then
        install_with_apt "$python" || stop "run this, then make again:
    sudo apt-get install $(apt_packages "$python")"
    elif command -v brew >/dev/null 2>&1; then
        stop "run this, then make again:
    brew install pkg-config cairo pango"
    elif command -v dnf >/dev/null 2>&1; then
        stop "run this, then make again:
    sudo dnf install gcc pkgconf-pkg-config cairo-devel pango-devel python3-devel"
    else
        stop "install a C compiler, pkg-config, and the headers of cairo, pango and Python"
    fi
    missing=$(missing_pieces "$python" | tr '\n' ' ')
    [ -z "$missing" ] || stop "still missing after the installation: $missing"
fi

if [ ! -x .venv/bin/python ] || ! .venv/bin/python -c 'import pip' 2>/dev/null; then
    say "making .venv with $python"
    rm -rf .venv
    "$python" -m venv .venv
fi
say "installing the pinned packages into .venv (a few minutes the first time)"
# What builds is installed first, so that nothing is fetched, at no step, but what a hash vouches for.
export PIP_DISABLE_PIP_VERSION_CHECK=1 PATH="$PWD/.venv/bin:$PATH"
install() { .venv/bin/python -m pip install --quiet --no-build-isolation "$@"; }
install --require-hashes --requirement requirements/build.txt
install --require-hashes --requirement requirements/develop.txt
install --no-deps --editable .
touch .venv/.ready
say "ready: .venv/bin/pagereel --help"
