# The baseline of `bench day`: the rule of the design in one pass. It takes the wall clock as it is written.
#
#   mawk -v day=2025-11-18 [-v check=1] -f day.awk mac.tsv DAY-FILE...
#
# Without `check` it trusts every line but for its date; with it, lines that can't be read are counted, as the
# design demands of a reader.
#
# The first file is the member map; prints what `presences-aggregator presences` prints.

BEGIN { FS = "\t" }

NR == FNR {
  if (tolower($3) != "coworking" && tolower($4) != "coworking") owner[$1] = $2
  next
}

FNR == 1 { FS = " "; $0 = $0 } # tabs or spaces from here on

check && $0 !~ /^[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]([+-][0-9][0-9](:?[0-9][0-9])?|Z)[ \t]+[0-9A-Fa-f][0-9A-Fa-f][:.-]?[0-9A-Fa-f][0-9A-Fa-f][:.-]?[0-9A-Fa-f][0-9A-Fa-f][:.-]?[0-9A-Fa-f][0-9A-Fa-f][:.-]?[0-9A-Fa-f][0-9A-Fa-f][:.-]?[0-9A-Fa-f][0-9A-Fa-f][ \t]*$/ {
  bad++
  next
}

$2 in owner && substr($1, 1, 10) == day {
  slot = substr($1, 12, 2) substr($1, 15, 1) # 08:17 lies in slot 081
  if (slot < "080" || slot > "215") next
  member = owner[$2]
  if (!((member, slot) in seen)) {
    seen[member, slot]
    slots[member]++
  }
}

END {
  if (bad) print bad " lines can't be read" > "/dev/stderr"
  for (member in slots) if (slots[member] >= 3) insert(member)
  for (i = 1; i <= count; i++) print sorted[i], (slots[sorted[i]] >= 30 ? "1.0" : "0.5")
}

# mawk sorts nothing, and a second process would count against it.
function insert(member,    at) {
  for (at = ++count; at > 1 && sorted[at - 1] > member; at--) sorted[at] = sorted[at - 1]
  sorted[at] = member
}
