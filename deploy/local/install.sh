#!/bin/sh
# Makes .venv from the lock, and gets the system's packages where we may. Quick when there is nothing to do.
#   deploy/local/install.sh          what runs
#   deploy/local/install.sh --dev    and what tests and checks need
set -eu
cd "$(dirname "$0")/../.."

UV_VERSION=0.13.9
MINIMUM='(3, 11, 2)' BELOW='(3, 13)' # Debian 12 has 3.11.2

say() { printf '%s\n' "$*" >&2; }
fail() { say "INSTALL_FAILED: $*"; exit 1; }

# Without bytecode every `import airflow` costs twice as much; other people's packages are not ours.
unset PYTHONDONTWRITEBYTECODE PYTHONPATH PYTHONHOME VIRTUAL_ENV

# uv doesn't read what pip was told: pass it on.
[ -z "${PIP_INDEX_URL:-}" ] || export UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-$PIP_INDEX_URL}"
[ -z "${PIP_CERT:-}" ] || export SSL_CERT_FILE="${SSL_CERT_FILE:-$PIP_CERT}"
export UV_HTTP_TIMEOUT="${UV_HTTP_TIMEOUT:-180}" UV_PYTHON_DOWNLOADS=never
{ [ -n "${HOME:-}" ] && [ -w "$HOME" ]; } || export UV_CACHE_DIR="${UV_CACHE_DIR:-$PWD/.reelscribe/cache/uv}"

may_apt() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

apt_install() {
    say "installing $* with apt-get"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq >/dev/null && apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

suits() {
    [ -x "$1" ] && "$1" -c "import sys; sys.exit(not $MINIMUM <= sys.version_info < $BELOW)" >/dev/null 2>&1
}

# A version manager's shim refuses to run where no version is chosen, so we look behind it, too.
find_python() {
    for name in python3.11 python3.12 python3; do
        old_ifs=$IFS
        IFS=:
        for folder in $PATH; do
            IFS=$old_ifs
            for candidate in "$folder/$name" "$folder"/../versions/3.1[12]*/bin/"$name"; do
                if suits "$candidate"; then
                    printf '%s\n' "$candidate"
                    return
                fi
            done
        done
        IFS=$old_ifs
    done
    return 1
}

# .venv with a uv that can fill it; the path of uv goes to $uv.
make_venv() {
    if ! python=$(find_python); then
        may_apt && apt_install python3 python3-venv || :
        python=$(find_python) || fail "there is no Python 3.11 (3.11.2 or newer) or 3.12; install one, e.g. python3.11"
    fi
    rm -rf .venv
    if uv --version >/dev/null 2>&1; then
        uv venv --quiet --python "$python" .venv
        return
    fi
    if ! "$python" -m venv .venv 2>/dev/null; then
        if may_apt; then apt_install python3-venv || :; fi
        "$python" -m venv --clear .venv >/dev/null || fail "$python can't make a virtual environment; install python3-venv, or uv"
    fi
    .venv/bin/python -m pip install --quiet --disable-pip-version-check "uv==$UV_VERSION" || fail "pip couldn't install uv"
}

fill_venv() { # requirements files…
    uv=uv
    uv --version >/dev/null 2>&1 || uv=.venv/bin/uv
    "$uv" --version >/dev/null 2>&1 || .venv/bin/python -m pip install --quiet "uv==$UV_VERSION" || fail "install uv"
    arguments=
    for file in "$@"; do arguments="$arguments -r $file"; done
    say "installing $(cat "$@" | grep -c ==) packages into .venv"
    quiet=--quiet
    [ ! -t 2 ] || quiet=
    # shellcheck disable=SC2086 # our own file names
    "$uv" pip install $quiet --python .venv/bin/python --no-deps --compile-bytecode $arguments ||
        fail "the packages couldn't be installed; the lines above say why"
}

install_packages() { # stamp, requirements files…
    stamp=$1
    shift
    state=$(cat "$@" | cksum)
    if suits .venv/bin/python && [ "$(cat "$stamp" 2>/dev/null)" = "$state" ]; then
        return
    fi
    suits .venv/bin/python || make_venv
    fill_venv "$@"
    printf '%s\n' "$state" >"$stamp"
}

# `.venv/bin/reelscribe submit talk.mp4`, from any folder
make_command() {
    command=.venv/bin/reelscribe
    printf '#!/bin/sh\nPYTHONPATH="%s" exec "%s/.venv/bin/python" -m include.client "$@"\n' "$PWD" "$PWD" >"$command.new"
    chmod +x "$command.new"
    mv "$command.new" "$command"
}

has_english() { tesseract --list-langs 2>/dev/null | grep -qx eng; }

install_tesseract() {
    if has_english; then return; fi
    if may_apt && apt_install tesseract-ocr tesseract-ocr-eng && has_english; then return; fi
    say "Tesseract is missing, RapidOCR reads the screen meanwhile; install it: apt-get install tesseract-ocr tesseract-ocr-eng"
}

install_test_programs() {
    missing=
    for program in flite ffmpeg chromium; do
        command -v "$program" >/dev/null || missing="$missing $program"
    done
    [ -f /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf ] || missing="$missing fonts-dejavu-core"
    [ -n "$missing" ] || return 0
    # shellcheck disable=SC2086 # one word per package
    if may_apt && apt_install $missing; then return; fi
    say "tests that need them are skipped; install:$missing"
}

if [ "${1:-}" = --dev ]; then
    install_packages .venv/.installed-dev constraints.txt constraints-dev.txt
    install_test_programs
else
    install_packages .venv/.installed constraints.txt
fi
make_command
install_tesseract
