# Sourced by the other scripts: a step announces itself and says how long it took.

step() {
    local title=$1 started=$SECONDS
    shift
    printf '\n==> %s\n' "$title"
    "$@" || { printf '    failed after %d s: %s\n' $((SECONDS - started)) "$title" >&2; return 1; }
    printf '    %d s\n' $((SECONDS - started))
}

refuse() {
    printf '%s\n' "$@" >&2
    exit 1
}
