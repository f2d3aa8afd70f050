#!/bin/sh
# Sees that a tool of the page is there, and installs it with apt where it is missing:
#     page/setup.sh node        to build the player
#     page/setup.sh chromium    to test it
#     page/setup.sh firefox, page/setup.sh webkit    to test it in the others as well
set -eu

say() { printf '%s\n' "$*" >&2; }

has() {
    case "$1" in
        node) command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 ;;
        chromium) command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 ;;
        firefox) command -v firefox-esr >/dev/null 2>&1 || command -v firefox >/dev/null 2>&1 ;;
        webkit) command -v WebKitWebDriver >/dev/null 2>&1 && command -v xvfb-run >/dev/null 2>&1 ;;
    esac
}

packages() {
    case "$1" in
        node) echo "nodejs npm" ;;
        chromium) echo "chromium" ;;
        firefox) echo "firefox-esr" ;;
        webkit) echo "webkit2gtk-driver xvfb xauth" ;;
    esac
}

install_with_apt() {
    command -v apt-get >/dev/null 2>&1 || return 1
    as_root=""
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null 2>&1 || return 1
        as_root="sudo"
    fi
    say "installing with apt: $*"
    install="$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends"
    $install "$@" >/dev/null 2>&1 || {
        $as_root apt-get update -q >/dev/null && $install "$@" >/dev/null
    }
}

has "$1" && exit 0
# shellcheck disable=SC2046  # a list of packages
install_with_apt $(packages "$1") && has "$1" && exit 0
say "$1 is missing; install it, then make again"
exit 1
