#!/bin/bash
# Ships what waits in the spool to the bucket, with the system's rclone: the one definition of that
# command, for the unit, the demo and the tests. Written for rclone 1.60.1, Debian's.
#
#   PROBE_SPOOL    the spool (default /var/spool/presences)
#   PROBE_REMOTE   an rclone remote and its bucket, such as bucket:my-bucket
#   RCLONE_CONFIG  rclone's configuration, which holds the key
#
# The spool is an outbox: a file leaves it only once the bucket has confirmed that very content. Never
# `rclone sync`, which would delete the bucket's history when a box is installed anew.
# Exit status: rclone's own; 0 too when nothing waits or when another one is shipping; 2 for a
# configuration that can't work.
set -u

say() { printf 'ship: %s\n' "$1"; }

refuse() {
  say "$1" >&2
  exit 2
}

spool=${PROBE_SPOOL:-/var/spool/presences}
remote=${PROBE_REMOTE:-}
config=${RCLONE_CONFIG:-}

[ -n "$remote" ] ||
  refuse 'PROBE_REMOTE is not set: name an rclone remote and its bucket, such as bucket:my-bucket'
case $remote in
  *:?*) ;;
  *) refuse "PROBE_REMOTE must be an rclone remote and its bucket, such as bucket:my-bucket" ;;
esac
[ -n "$config" ] || refuse 'RCLONE_CONFIG is not set: name the file that holds the key'
[ -r "$config" ] || refuse "RCLONE_CONFIG: can't read $config"
[ -d "$spool" ] || refuse "PROBE_SPOOL: there is no folder $spool"
command -v rclone >/dev/null || refuse 'rclone is missing: apt-get install rclone'

# The lock is held by every child too: should this shell be killed, not while its rclone still works.
exec 9>"$spool/.ship.lock" || refuse "PROBE_SPOOL: can't write to $spool"
if ! flock --nonblock 9; then
  say 'another one is shipping: nothing to do'
  exit 0
fi

# The command. Its arguments: more filters.
ship() {
  local flags=(
    # What a program is still writing has a dot name; so have the lock and whatever else is not for
    # the bucket. `.*` is matched at every depth, `.*/**` is all that lies in such a folder.
    --filter '- .*' --filter '- .*/**'
    --min-age 5s
    # A write-only key may PUT and nothing else. Without these, 1.60.1 asks: whether the remote is a
    # file (HEAD), what the bucket holds (LIST), whether a file is there (HEAD), for the bucket to be
    # made (PUT), what was stored (HEAD). Sending a minute again is harmless: same key, same bytes.
    --s3-no-head-object --no-traverse --no-check-dest --s3-no-check-bucket --s3-no-head
    # The content is still proven: rclone sends its MD5, which the server checks, and compares the
    # MD5 the server answers with (the ETag) before it removes the file. An answer without ETag
    # would be believed: so the endpoint must be https, where only the bucket can answer.
    --retries 1 # The next run is the retry …
    # … but a connection that the server has just closed costs three tries, a second in all. (The
    # default of 10 waits 7 minutes for each file of a server that is down.)
    --low-level-retries 3
    --contimeout 10s --timeout 30s
    --transfers 8
    # One line a file, for `summarise`.
    --verbose --stats 0 --log-format ''
  )
  # A minimal environment: rclone 1.60 fails when AWS_CA_BUNDLE is set, and RCLONE_* or AWS_*
  # variables of the caller would change what is done here.
  env -i PATH="$PATH" HOME="${HOME:-/nonexistent}" RCLONE_CONFIG="$config" \
    rclone move "$spool" "${remote%/}/presences" "${flags[@]}" "$@" 2>&1
}

# When several files wait, the newest goes first and alone: while the bucket can't be reached, a run
# costs one try, not one for each minute of a week offline. (The newest, because it is another one
# each minute: a file that can't be shipped must not hold up the others.)
ship_all() {
  if [ "$waiting" -gt 1 ]; then
    ship --filter "+ /$newest" --filter '- *' || return
  fi
  ship
}

# rclone's log in, one line out: what was shipped, and why something was not. Reasons that differ in
# the file's name alone are one reason. The line comes also when systemd's time limit ends rclone.
summarise() {
  trap '' TERM INT
  # shellcheck disable=SC2016 # the dollars are awk's
  awk -v waiting="$waiting" '
    /^INFO  : .*: Deleted$/ { shipped++ }
    /^(INFO|DEBUG)/ { open = 0; next }
    # These repeat, or sum up, what another line tells.
    /Not deleting source as copy failed|not deleting directories as|^ERROR : Attempt |^Failed to move/ { open = 0; next }
    /^(ERROR|NOTICE|CRITICAL|Failed to )/ {
      open = ++count
      sub(/^(ERROR|NOTICE|CRITICAL) *: */, "")
      reason[open] = $0
      next
    }
    open && NF { sub(/^[ \t]+/, ""); reason[open] = reason[open] " " $0 }
    END {
      for (i = 1; i <= count; i++) {
        text = reason[i]
        sub(/^[^ ]*\.tsv: /, "", text)
        sub(/, request id:.*$/, "", text)
        gsub(/ caused by: (Put|Post) "[^"]*"/, "", text)
        gsub(/[ \t]+/, " ", text)
        if (!(text in seen)) { seen[text] = 1; texts = texts (texts ? "; " : ": ") text }
      }
      line = "ship: " shipped + 0 " of " waiting " shipped" texts
      if (count) print line > "/dev/stderr"
      else if (shipped) print line
    }'
}

# Names sort by their UTC minute. The age is --min-age above.
files=$(find "$spool" -mindepth 1 -name '.*' -prune -o -type f ! -newermt '5 seconds ago' -printf '%f %P\n' | sort)
[ -n "$files" ] || exit 0
waiting=$(printf '%s\n' "$files" | wc -l)
newest=$(printf '%s\n' "$files" | tail -n 1)
newest=${newest#* }

ship_all | summarise
status=${PIPESTATUS[0]}

# Folders of past days, once empty. (Not rclone's --delete-empty-src-dirs: it would remove today's
# after each minute, for the next scan to make again: needless writes to a card, and a race.)
find "$spool" -mindepth 1 -depth -type d ! -name '.*' -empty -mtime +1 -delete
exit "$status"
