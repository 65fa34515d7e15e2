/** Which rooms there are, by folders that anybody who may write has made, and by what is kept of them. */
import { acceptRoom, readRooms } from '@presences/aggregator/charging/known-rooms.ts'
import { strangerLines } from '@presences/aggregator/reports/room-lines.ts'
import { formatRollupKey } from '@presences/aggregator/rollup/rollup-codec.ts'
import { addToRoomBook, readRoomBook } from '@presences/aggregator/rooms/room-store.ts'
import { EMPTY_BOOK } from '@presences/aggregator/rooms/rooms.ts'
import { StoreError } from '@presences/aggregator/store/store.ts'
import { formatMinuteKey, LIMITS, type LocalDay, visibleLine } from '@presences/shared'
import { must, mustBeLoggable, READ, type Target } from '../engine/target.ts'
import { storeOf } from './store-in-memory.ts'

const DAY = '2026-11-22' as LocalDay
/** S3 takes no longer ones. */
const KEY_BYTES = 1_024
const LONGEST_PROBE = 'p'.repeat(64)
const aside = {
  now: () => new Date('2026-11-22T21:15:00Z'),
  onSetAside: (message: string) => must(message !== '', 'it says'),
}

/** Reads a folder's name from each line; every second one has rollups, too. */
export function roomNamesTarget(read: typeof readRooms): Target {
  return {
    name: 'names of rooms',
    reader: 'aggregator/src/charging/known-rooms.ts',
    seeds: [
      'poulailler\npti-poulailler\nfte-rdc\nBureau 1',
      `lab\n${'x'.repeat(64)}\n${'x'.repeat(65)}\n\n..\n.well-known\n__proto__`,
      [...Array(LIMITS.rooms + 1).keys()].map((at) => `room-${at}`).join('\n'),
    ],
    words: ['\n', 'a-', '-', 'A', '.', '..', '%2F', 'é', 'x'.repeat(64), 'x'.repeat(1_000)],
    share: 12,
    errors: [StoreError],
    nameOf: () => 'no folder at all',
    async read(input) {
      const text = Buffer.from(input).toString('utf8')
      const names = text === '' ? [] : [...new Set(text.split('\n'))]
      const store = {
        ...storeOf({}),
        folders: async (prefix: string) =>
          names.filter((_, at) => prefix === 'presences/' || at % 2 === 0),
      }
      const deps = { store, today: DAY, aside, listed: undefined }
      const { known, waiting, ignored } = await read(deps)
      const sorted = [...known, ...waiting, ...ignored]
      must(sorted.length === names.length, 'each folder is sorted once')
      must(new Set(sorted).size === names.length, 'and into one place')
      must(known.length <= LIMITS.rooms, 'no more rooms are known than a space has')
      for (const room of [...known, ...waiting]) mustBeRoom(room)
      must(!ignored.some(isRoom), 'no room is ignored')
      const lines = strangerLines({ waiting, ignored })
      must(lines.length <= 7, 'a thousand folders are told in a few lines')
      for (const line of lines) mustBeLoggable(visibleLine(line))
      must(lines.join().length < 7_000, 'and in short ones')
      const [first] = waiting
      if (first !== undefined) {
        await acceptRoom(first, 'ana', deps)
        must((await read(deps)).known.includes(first), 'a room that is accepted is known')
      }
      return ignored.length > 0 ? ['ignored'] : READ
    },
  }
}

function mustBeRoom(room: string): void {
  must(isRoom(room), 'no other folder is a room')
  const minute = { location: room, day: DAY, minute: 29_920_000, probe: LONGEST_PROBE }
  for (const key of [formatRollupKey(room, DAY), formatMinuteKey(minute)]) {
    must(Buffer.byteLength(key) <= KEY_BYTES, 'a store takes the keys of each room')
  }
}

/** A plain reading of a name. */
function isRoom(name: string): boolean {
  const signs = [...name]
  return (
    signs.length > 0 &&
    signs.length <= 64 &&
    signs.every((sign) => 'abcdefghijklmnopqrstuvwxyz0123456789-'.includes(sign))
  )
}

/** Reads a book of rooms, writes it, and reads it again. */
export function roomBookTarget(read: typeof readRoomBook): Target {
  return {
    name: 'book of rooms',
    reader: 'aggregator/src/rooms/room-store.ts',
    seeds: [
      '{"version":1,"begun":["lab","poulailler"],"accepted":[{"location":"atelier","by":"ana","at":"2026-11-20T21:15:00.000Z"}]}',
      '{"version":1,"accepted":[]}',
    ],
    json: true,
    share: 20,
    errors: [StoreError],
    nameOf: () => 'another version',
    async read(input) {
      const said: string[] = []
      const noted = { ...aside, onSetAside: (message: string) => void said.push(message) }
      const store = storeOf({ 'ledger/locations.json': input })
      const { begun, accepted } = await read(store, noted)
      if (said.length > 0) {
        for (const message of said) mustBeLoggable(message)
        must(begun === undefined && accepted.length === 0, 'a damaged book makes no room known')
        return ['set aside']
      }
      await addToRoomBook(store, EMPTY_BOOK)
      const again = await read(store, aside)
      must((begun === undefined) === (again.begun === undefined), 'whether it has begun comes back')
      const names = new Set(again.accepted.map(({ location }) => location))
      must(
        accepted.every(({ location }) => names.has(location)),
        'who was accepted comes back',
      )
      must(
        (begun ?? []).every((name) => again.begun?.includes(name)),
        'what it began with comes back',
      )
      for (const name of [...(begun ?? []), ...names]) must(isRoom(name), 'it knows rooms alone')
      return READ
    },
  }
}

export const ROOM_TARGETS = [roomNamesTarget(readRooms), roomBookTarget(readRoomBook)]
