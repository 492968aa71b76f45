#!/bin/sh
# Nginx's open-source edition asks its servers nothing by itself. This asks each one every five seconds and writes the
# list Nginx includes: without a server that failed twice in a row, with it again after one good answer.
#
#   active-check.sh write-all   writes the list with every server that has a name (before Nginx starts)
#   active-check.sh watch       checks until it is stopped
#
# NGINX_APP_SERVERS    "host:port host:port"
# NGINX_UPSTREAM_FILE  the list to write
# NGINX_COMMAND        nginx, NGINX_ARGUMENTS its arguments, one a line (both have defaults for a container)
set -u

: "${NGINX_APP_SERVERS:?name the app servers}" "${NGINX_UPSTREAM_FILE:?name the list to write}"
NGINX_COMMAND="${NGINX_COMMAND:-nginx}"
NGINX_ARGUMENTS="${NGINX_ARGUMENTS:-}"
SECONDS_BETWEEN="${NGINX_CHECK_SECONDS:-5}"
FAILURES_TO_LEAVE=2

say() { echo "active check: $*"; }

# The lines for the servers given as arguments.
lines() {
  echo "# Written by active-check.sh"
  for server in "$@"; do echo "server $server max_fails=3 fail_timeout=5s;"; done
}

# One argument a line, so that a folder's name may hold spaces.
nginx_with() {
  (
    IFS='
'
    set -f
    # shellcheck disable=SC2086
    exec "$NGINX_COMMAND" $NGINX_ARGUMENTS "$@"
  )
}

# The servers whose names are known: Nginx starts with no list that names another. All of them where none is, or where
# nobody can be asked.
known() {
  found=
  if command -v getent > /dev/null; then
    for server in $NGINX_APP_SERVERS; do
      getent ahosts "${server%:*}" > /dev/null && found="$found $server"
    done
  fi
  echo "${found:- $NGINX_APP_SERVERS}"
}

# Puts a new list in place and has Nginx read it; the old list comes back when Nginx refuses the new one.
apply() {
  cp "$NGINX_UPSTREAM_FILE" "$NGINX_UPSTREAM_FILE.before" || return 1
  lines "$@" > "$NGINX_UPSTREAM_FILE.new" && mv "$NGINX_UPSTREAM_FILE.new" "$NGINX_UPSTREAM_FILE" || return 1
  if ! nginx_with -t 2> "$NGINX_UPSTREAM_FILE.why"; then
    say "nginx refuses the list: $(tail -n 1 "$NGINX_UPSTREAM_FILE.why")"
    mv "$NGINX_UPSTREAM_FILE.before" "$NGINX_UPSTREAM_FILE"
    return 1
  fi
  nginx_with -s reload || say "nginx does not run; it will read the list when it starts"
}

# A variable a server, named after it: sh has no lists.
counter() { echo "failures_$(echo "$1" | tr -c 'A-Za-z0-9\n' '_')"; }

# Asks all servers side by side; prints those that answer.
ask_all() {
  for server in $NGINX_APP_SERVERS; do
    (curl --silent --fail --output /dev/null --max-time 2 "http://$server/health/live" && echo "$server") &
  done
  wait
}

# Counts, and sets $wanted to the servers that should be in the list, in their order.
judge() {
  answering=" $(ask_all | tr '\n' ' ') "
  wanted=
  for server in $NGINX_APP_SERVERS; do
    name=$(counter "$server")
    case "$answering" in
      *" $server "*) eval "$name=0" ;;
      *) eval "$name=\$((\${$name:-0} + 1))" ;;
    esac
    eval "failures=\$$name"
    [ "$failures" -ge "$FAILURES_TO_LEAVE" ] || wanted="$wanted $server"
  done
  # An empty list is no list: Nginx would not start with it, and a server may be back before we ask again.
  [ -n "$wanted" ] || wanted=$(known)
}

watch() {
  while :; do
    judge
    # What is in the file counts: a check that was started again finds what its predecessor left there, and whoever starts
    # Nginx again writes every server into it.
    # shellcheck disable=SC2086
    if [ "$(lines $wanted)" != "$(cat "$NGINX_UPSTREAM_FILE")" ]; then
      say "servers:$wanted"
      # shellcheck disable=SC2086
      apply $wanted
    fi
    sleep "$SECONDS_BETWEEN" &
    wait $!
  done
}

case "${1:-}" in
  write-all)
    # shellcheck disable=SC2086
    lines $(known) > "$NGINX_UPSTREAM_FILE"
    ;;
  watch)
    trap 'exit 0' TERM INT
    watch
    ;;
  *)
    echo "use: active-check.sh write-all|watch" >&2
    exit 2
    ;;
esac
