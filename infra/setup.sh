#!/bin/sh
# What the demo and the tests need from Debian: installed with apt-get when this may (root, or sudo
# that asks for no password), named with the command to paste otherwise. One line when all is there.
# Exit status 1 when the demo can't run; what only leads to skipped tests is a warning.
set -u

# Administrators' programs are not on every user's path.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
# What apt has been told by its mirrors.
LISTS=/var/lib/apt/lists

# A program, its package, what is lost without it.
needed='rclone rclone nothing can be shipped
flock util-linux nothing can be shipped'
wanted='git git the programs do not know their version
arp-scan arp-scan tests of real scans are skipped
nmap nmap tests of real scans are skipped
ping iputils-ping tests of real scans are skipped
ip iproute2 tests on a LAN of network namespaces are skipped
faketime faketime tests on a LAN of network namespaces are skipped
systemd-analyze systemd tests of the systemd units are skipped
mawk mawk the benchmark has no baseline
dh debhelper the Debian packages are neither built nor tested
dpkg-buildpackage dpkg-dev the Debian packages are neither built nor tested
lintian lintian the Debian packages are not checked by lintian
man man-db the man pages are not checked
mount mount tests of a small disk are skipped
mmdebstrap mmdebstrap the test of a box that boots is skipped
systemd-nspawn systemd-container the test of a box that boots is skipped'

# The lines of the list $1 whose program is missing.
missing_of() {
  printf '%s\n' "$1" | while read -r program package loss; do
    command -v "$program" >/dev/null 2>&1 || printf '%s %s %s\n' "$program" "$package" "$loss"
  done
}

# Is there apt, and nothing for the Debian that boots to be made from?
lacks_lists() {
  command -v apt-get >/dev/null 2>&1 || return 1
  set -- "$LISTS"/*_dists_*
  [ ! -e "$1" ]
}

# What apt's mirrors have, then the missing packages.
fetch() {
  # shellcheck disable=SC2086 # words on purpose: packages, and sudo with its flag
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq && { [ -z "$packages" ] ||
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages; }
}

say() { printf 'setup: %s\n' "$1"; }

node_version=$(node --version 2>/dev/null) || node_version='no Node'
case $node_version in
  v20.19.* | v20.[2-9][0-9].* | v2[1-9].* | v[3-9][0-9].*) ;;
  *)
    say "Node 20.19 or newer is needed, here is $node_version. On Debian 13: apt-get install nodejs" >&2
    exit 1
    ;;
esac

lines=$(missing_of "$needed
$wanted")
if [ -z "$lines" ] && ! lacks_lists; then
  say "all is there (Node $node_version, $(rclone version 2>/dev/null | head -n 1))"
  exit 0
fi

packages=$(printf '%s\n' "$lines" | cut -d ' ' -f 2 | sort -u | tr '\n' ' ')
packages=${packages% }

if [ "$(id -u)" = 0 ]; then
  as_root=
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
  as_root='sudo -n'
else
  as_root=no
fi

if [ "$as_root" != no ] && command -v apt-get >/dev/null 2>&1; then
  say "installing ${packages:-nothing, asking the mirrors what there is}"
  log=$(mktemp)
  fetch >"$log" 2>&1 ||
    { say 'apt-get failed:' && tail -n 5 "$log"; } >&2
  rm -f "$log"
fi

status=0
lines=$(missing_of "$needed")
if [ -n "$lines" ]; then
  status=1
  printf '%s\n' "$lines" | while read -r program _ loss; do say "MISSING $program: $loss"; done >&2
fi
lines=$(missing_of "$wanted")
if [ -n "$lines" ]; then
  printf '%s\n' "$lines" | while read -r program _ loss; do say "WARNING: no $program: $loss"; done >&2
fi
lines=$(missing_of "$needed
$wanted")
if [ -n "$lines" ]; then
  packages=$(printf '%s\n' "$lines" | cut -d ' ' -f 2 | sort -u | tr '\n' ' ')
  say "to install what is missing: sudo apt-get update && sudo apt-get install -y ${packages% }" >&2
elif lacks_lists; then
  say 'WARNING: apt knows no mirror: the test of a box that boots fails. To do: sudo apt-get update' >&2
fi
exit "$status"
