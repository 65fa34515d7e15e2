/**
 * The rooms in the store: one object beside the ledger's beginning, with which it is made, lost and put back. Boxes can't
 * write there. One that is damaged is set aside and made again from what was read before: it stops nobody, and what it
 * may have said counts for nothing.
 */
import { LEDGER_PREFIX } from '../ledger/ledger-codec.ts'
import { type Aside, decodeNote, readNote } from '../store/notes.ts'
import type { Store } from '../store/store.ts'
import { type Mergeable, writeMerged } from '../store/write-merged.ts'
import { EMPTY_BOOK, includesBook, mergeBooks, type RoomBook, roomBookSchema } from './rooms.ts'

const KEY = `${LEDGER_PREFIX}locations.json`

/** What is kept of the rooms; empty where nothing is, or nothing that can be used. Throws StoreError. */
export async function readRoomBook(store: Store, aside: Aside): Promise<RoomBook> {
  const kept = await readNote(store, KEY, roomBookSchema, aside)
  return kept ? { begun: kept.begun, accepted: kept.accepted } : EMPTY_BOOK
}

/** Adds what `book` says to what is kept; returns what is kept then. Throws StoreError. */
export async function addToRoomBook(store: Store, book: RoomBook): Promise<RoomBook> {
  const there = await store.get(KEY)
  const kept = there ? decodeOrEmpty(there.bytes) : EMPTY_BOOK
  const mine = { value: mergeBooks(kept, book), etag: there?.etag }
  return (await writeMerged(store, KEY, mine, kind)).value
}

const kind: Mergeable<RoomBook> = {
  encode: ({ begun, accepted }) =>
    Buffer.from(JSON.stringify({ version: 1, ...(begun && { begun }), accepted })),
  decode: decodeOrEmpty,
  merge: mergeBooks,
  includes: includesBook,
}

/** What is damaged was set aside when it was read: it is written over. Throws StoreError for another version. */
function decodeOrEmpty(bytes: Uint8Array): RoomBook {
  const note = decodeNote(bytes, KEY, roomBookSchema)
  return 'value' in note ? { begun: note.value.begun, accepted: note.value.accepted } : EMPTY_BOOK
}
