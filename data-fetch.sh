#!/usr/bin/env bash
# Brings the four gzip files of MNIST into data/, checked.
#
#   ./data-fetch.sh [DIRECTORY]     DIRECTORY: where to put them; data/ beside this script if absent
#
# Needs gzip, sha256sum or shasum, and curl or wget. The mirrors are tried in turn. A file gets its
# final name only when it is whole and its content right, so an interrupted or failed run leaves
# nothing half done; a second run checks what is there and fetches only what is missing or wrong.
# The checksums are of the *uncompressed* content: a mirror may compress as it likes.
# Exits 0 when all the files are there and right, 1 when one is not, 2 when it could not begin.
#
# The environment can say, for private mirrors and for tests:
#   MNIST_MIRROR        mirrors to try first, separated by spaces: http://, https://, ftp://, or
#                       file:// and an absolute path, which is taken as written (no %20)
#   MNIST_MIRROR_ONLY   1: try no other mirrors than those
#   MNIST_SHA256SUMS    a file of lines "SHA-256 of the content, name.gz" in place of MNIST's table;
#                       blank lines, and those that begin with #, do not count
set -euf -o pipefail

public_mirrors="https://ossci-datasets.s3.amazonaws.com/mnist
                https://storage.googleapis.com/cvdf-datasets/mnist"

table() {
    if [ -n "${MNIST_SHA256SUMS:-}" ]; then
        cat -- "$MNIST_SHA256SUMS"
        return
    fi
    cat <<'END'
ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db  train-images-idx3-ubyte.gz
65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5  train-labels-idx1-ubyte.gz
0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7  t10k-images-idx3-ubyte.gz
ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2  t10k-labels-idx1-ubyte.gz
END
}

# No file of the table is nearly as large: a mirror that sends more, perhaps for ever, is cut off.
limit=$((64 << 20))

have() { command -v "$1" >/dev/null 2>&1; }

stop() {
    echo "data-fetch.sh: $1" >&2
    exit 2
}

sha256() { if have sha256sum; then sha256sum; else shasum -a 256; fi; }

# check FILE SHA256: silent if FILE is a whole gzip file of that content, else says what is wrong.
check() {
    local got
    # gzip itself notices a cut or damaged stream (its length and CRC stand at the end).
    if ! got=$(gzip -dc <"$1" 2>/dev/null | head -c $((16 * limit)) | sha256); then
        echo "not a whole gzip file (truncated, damaged, or something else)"
        return 1
    fi
    got=${got%% *}
    if [ "$got" != "$2" ]; then
        echo "wrong checksum: expected $2, got $got"
        return 1
    fi
}

# download URL FILE: silent if it worked, else says why not. The timeouts let a machine without a
# network fail soon, while a slow one may take as long as it needs.
download() {
    local url=$1 file=$2 why
    # What is said goes to `why`, and what is sent through `head` to the file.
    if why=$({ send "$url" | head -c "$limit" >"$file"; } 2>&1); then
        [ "$(wc -c <"$file")" -lt "$limit" ] && return 0
    fi
    if [ -e "$file" ] && [ "$(wc -c <"$file")" -ge "$limit" ]; then
        why="it sends more than $((limit - 1)) bytes"
    fi
    echo "${why//$'\n'/ }" # wget spreads an answer over lines
    return 1
}

# send URL: its bytes on standard output.
send() {
    case $1 in
    file://*) cat -- "${1#file://}" ;; # wget does not know file://
    *)
        if have curl; then
            curl -fsSL --connect-timeout 10 --speed-limit 1024 --speed-time 30 "$1"
        else
            wget -nv --tries=1 --connect-timeout=10 --dns-timeout=10 --read-timeout=30 -O - "$1"
        fi
        ;;
    esac
}

# fetch NAME SHA256: tries the mirrors until one gives the file; on failure says who answered what.
fetch() {
    local name=$1 expected=$2 mirror why report=""
    temp="$dir/.$name.$$.part" # in the same folder, so that the last step is one rename
    for mirror in $mirrors; do
        if why=$(download "${mirror%/}/$name" "$temp") &&
            why=$(check "$temp" "$expected") &&
            why=$(mv -f -- "$temp" "$dir/$name" 2>&1); then
            echo "$name: fetched from ${mirror%/}"
            return 0
        fi
        rm -f -- "$temp"
        report="$report"$'\n'"  ${mirror%/}: ${why% }"
    done
    echo "$name: no mirror gave it$report" >&2
    return 1
}

case ${1:-} in
-h | --help)
    sed -n '2,/^set /{/^#/s/^# \{0,1\}//p;}' "$0"
    exit 0
    ;;
esac

dir=${1:-$(cd -- "$(dirname -- "$0")" && pwd)/data}
mirrors=${MNIST_MIRROR:-}
[ "${MNIST_MIRROR_ONLY:-}" = 1 ] || mirrors="$mirrors $public_mirrors"

have gzip || stop "gzip is missing; install it"
have sha256sum || have shasum || stop "sha256sum and shasum are missing; install one of them"
have curl || have wget || stop "curl and wget are missing; install one of them"
[ -n "${mirrors// /}" ] || stop "MNIST_MIRROR_ONLY=1 leaves no mirror; name one in MNIST_MIRROR"
sums=$(table) || stop "MNIST_SHA256SUMS=${MNIST_SHA256SUMS:-} cannot be read"
files=""
while read -r line; do
    case $line in '' | '#'*) continue ;; esac
    # A name is a name in the directory, and neither a path nor an option.
    [[ $line =~ ^[0-9a-f]{64}[[:space:]]+[A-Za-z0-9_][A-Za-z0-9._-]*$ ]] ||
        stop "MNIST_SHA256SUMS=$MNIST_SHA256SUMS: no line of SHA-256, name: $line"
    files="$files$line"$'\n'
done <<<"$sums"
[ -n "$files" ] || stop "MNIST_SHA256SUMS=$MNIST_SHA256SUMS is empty; it needs lines SHA-256, name"
mkdir -p -- "$dir" || stop "$dir cannot be made"

temp=""
trap '[ -z "$temp" ] || rm -f -- "$temp"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

fetched=0 failed=0
while read -r expected name; do
    if [ -e "$dir/$name" ] && [ ! -f "$dir/$name" ]; then
        echo "$name: $dir/$name is there, but is no file; move it away" >&2
        failed=$((failed + 1))
        continue
    fi
    if [ -e "$dir/$name" ]; then
        if why=$(check "$dir/$name" "$expected"); then continue; fi
        echo "$name: is there, but is wrong ($why); fetching it again"
    fi
    if fetch "$name" "$expected" </dev/null; then
        fetched=$((fetched + 1))
    else
        failed=$((failed + 1))
    fi
done <<<"${files%$'\n'}"

if [ "$failed" -gt 0 ]; then
    echo "data-fetch.sh: $failed file(s) could not be had; is there a network?" \
        "MNIST_MIRROR=URL adds a mirror" >&2
    exit 1
elif [ "$fetched" -eq 0 ]; then
    echo "$dir: all the files are there and right; nothing to do"
else
    echo "$dir: complete"
fi
