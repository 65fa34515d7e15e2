#!/bin/bash
# Ships what waits in the spool to the bucket, with the system's rclone: the one definition of that
# command, for the unit, the demo and the tests. Written for rclone 1.60.1, Debian's.
#
#   PROBE_SPOOL    the spool (default /var/spool/presences)
#   PROBE_REMOTE   an rclone remote and its bucket, such as bucket:my-bucket
#   RCLONE_CONFIG  rclone's configuration, which holds the key (default /etc/presences/rclone.conf)
#
# Minute files are shipped, and nothing else: what a person or a program left in the spool stays there,
# and is mentioned. The spool is an outbox: a file leaves it only once the bucket has confirmed that very content. Never
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
config=${RCLONE_CONFIG:-/etc/presences/rclone.conf}

[ -n "$remote" ] ||
  refuse 'PROBE_REMOTE is not set: name an rclone remote and its bucket, such as bucket:my-bucket'
case $remote in
  *:?*) ;;
  *) refuse "PROBE_REMOTE must be an rclone remote and its bucket, such as bucket:my-bucket" ;;
esac
[ -r "$config" ] || refuse "RCLONE_CONFIG: can't read $config"
[ -d "$spool" ] || refuse "PROBE_SPOOL: there is no folder $spool"
command -v rclone >/dev/null || refuse 'rclone is missing: apt-get install rclone'

# The lock is held by every child too: should this shell be killed, not while its rclone still works.
exec 9>"$spool/.ship.lock" || refuse "PROBE_SPOOL: can't write to $spool"
if ! flock --nonblock 9; then
  say 'another one is shipping: nothing to do'
  exit 0
fi

# A minute file, for grep and for rclone. (What has a dot name is none: a file still being written, the
# lock, the probe's memory.)
minute_file='[a-z0-9-]+/[0-9]{4}-[0-9]{2}-[0-9]{2}/[0-9]{8}T[0-9]{4}Z-[A-Za-z0-9][A-Za-z0-9._-]*[.]tsv'

# A file younger than five seconds is left alone. An instant, not an age: what ripens during the run
# is for the next one, and is not counted.
ripe=$(date --utc --date '5 seconds ago' +%Y-%m-%dT%H:%M:%SZ)

# The command. Its argument: the files to ship, as an rclone pattern.
ship() {
  local flags=(
    --filter "+ $1" --filter '- *'
    --min-age "$ripe"
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
    rclone move "$spool" "${remote%/}/presences" "${flags[@]}" 2>&1
}

# When several files wait, the newest goes first and alone: while the bucket can't be reached, a run
# costs one try, not one for each minute of a week offline. (The newest, because it is another one
# each minute.) What only that file may suffer from doesn't hold up the others.
ship_all() {
  if [ "$waiting" -gt 1 ]; then
    local log status
    log=$(ship "/$newest")
    status=$?
    printf '%s\n' "$log"
    if [ "$status" -ne 0 ] && grep --quiet --extended-regexp "$all_alike" <<<"$log"; then
      ended "$status"
      return
    fi
  fi
  ship "/{{$minute_file}}"
  ended $?
}

# For `summarise`, and for the exit status.
ended() {
  printf 'rclone ended with status %s\n' "$1"
  return "$1"
}

# What the next file would fail with too: no network, no server, a server that can do no more, a wrong
# clock, key, bucket or remote.
all_alike='dial tcp|connection re|broken pipe|i/o timeout|timed out|Timeout|no such host|unreachable|no route|: EOF|x509|tls: |status code: (429|5[0-9]{2})|SlowDown|RequestTimeTooSkewed|SignatureDoesNotMatch|InvalidAccessKeyId|NoSuchBucket|section in config file'

# rclone's log in, one line out: what was shipped, and why something was not. Reasons that differ in
# the file's name alone are one reason. The line comes also when systemd's time limit ends rclone.
summarise() {
  trap '' TERM INT
  # shellcheck disable=SC2016 # the dollars are awk's
  awk -v waiting="$waiting" -v strangers="$strangers" '
    /^rclone ended with status / { status = $NF; open = 0; next }
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
      end = ""
      if (status == "") end = "rclone was ended before it was done"
      else if (status > 128) end = "rclone was killed (signal " (status - 128) ")"
      else if (status > 0 && !count) end = "rclone ended with status " status " and gave no reason"
      if (end) texts = texts (texts ? "; " : ": ") end
      line = "ship: " shipped + 0 " of " waiting " shipped" texts strangers
      if (count || end) print line > "/dev/stderr"
      else if (shipped) print line
    }'
}

files=$(find "$spool" -mindepth 1 -name '.*' -prune -o -type f ! -newermt "$ripe" -printf '%f\t%P\n' |
  sort | cut --fields 2-) # by name, which begins with the UTC minute
others=$(grep --invert-match --line-regexp --extended-regexp "$minute_file" <<<"$files")
files=$(grep --line-regexp --extended-regexp "$minute_file" <<<"$files")
[ -n "$files" ] || exit 0
waiting=$(wc -l <<<"$files")
newest=$(tail -n 1 <<<"$files")
strangers=
if [ -n "$others" ]; then
  strangers="; left alone, being no minute files: $(wc -l <<<"$others"), such as $(head -n 1 <<<"$others")"
fi

# (rclone's words come on standard output; away goes what bash says of a program that is killed.)
ship_all 2>/dev/null | summarise
status=${PIPESTATUS[0]}

# Folders of past days, once empty. (Not rclone's --delete-empty-src-dirs: it would remove today's
# after each minute, for the next scan to make again: needless writes to a card, and a race.)
find "$spool" -mindepth 1 -depth -type d ! -name '.*' -empty -mtime +1 -delete
exit "$status"
