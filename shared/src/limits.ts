/**
 * How large things may be. What is read was written by somebody else: a box, a bucket, a server that break or lie may
 * fill no memory and stop no run. Each limit is generous for a space of 1,000 people; all of them together keep a run
 * under 512 MB. What is larger is refused, named, and counts for nothing. Whoever writes keeps the same limit as
 * whoever reads, so that what was written can be read again.
 */

const KB = 1024
const MB = 1024 * KB

export const LIMITS = {
  /** A minute of 1,000 devices has 45 KB; one of a whole /20 network, of which every address answers, 180 KB. */
  minuteFileBytes: 256 * KB,
  /** Lines of a minute file: each of 1,000 people with five devices. */
  minuteFileDevices: 5_000,
  /** A growing day file of the old scripts: 500 devices from morning to evening have 20 MB. */
  dayFileBytes: 32 * MB,
  /** What lies in a room's folder of one day, in all: 1,000 devices in each of 1,440 minutes have 63 MB. */
  roomDayBytes: 256 * MB,
  /** Objects in it: ten probes that look each minute make 14,400. */
  roomDayKeys: 20_000,
  /** A room has one, or a second one while the first is replaced; a box whose name changes makes another. */
  roomDayProbes: 64,
  /** Devices of a room's day: each of 1,000 people with three, and twice as many passers-by. */
  roomDayDevices: 10_000,
  /** Rooms that are read; a space has a dozen. */
  rooms: 100,
  /** Of where one member was seen on a day, by device and room, what a ledger keeps: enough for one row a slot of it. */
  evidenceRows: 150,
  /** An object of our own, packed or not. The largest, ledger and members' history of 1,000 people, have 5 MB. */
  storedBytes: 16 * MB,
  /** A page of a bucket's listing: 1,000 keys of 1,024 bytes, each byte written as several. */
  listingPageBytes: 8 * MB,
  /** A list of the ticket server: 1,000 members with all they have make 2 MB, a year of their audit trail 5 MB. */
  ticketListBytes: 8 * MB,
  /** Rows of such a list: a device, a member, a day, or an event of the trail each. */
  ticketListRows: 50_000,
  /** Any other answer of a server, which is a word or a sentence: OK, an error. */
  answerBytes: 256 * KB,
}

export type Limits = Readonly<typeof LIMITS>

/** Why something is not read, in words: how large it is, `more than` where that is not known, and what to do. */
export function tooLarge(bytes: number, most: number): string {
  return `it has ${bytes} bytes, and no more than ${most} are read of such an object: look at what wrote it, and delete it`
}
