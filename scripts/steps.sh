# Sourced by the other scripts: a step announces itself and says how long it took.
# Never `step … || …`: that would switch `set -e` off inside the step, and a failure halfway would pass for success.

step() {
    local title=$1 started=$SECONDS
    shift
    printf '\n==> %s\n' "$title"
    "$@"
    printf '    %d s\n' $((SECONDS - started))
}

refuse() {
    printf '%s\n' "$@" >&2
    exit 1
}
