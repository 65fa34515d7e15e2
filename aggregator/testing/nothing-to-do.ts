/** A night that left nothing undone: each count of what there is to do. */
import type { Todo } from '../src/nightly/nightly-line.ts'

export const NOTHING_TO_DO: Todo = {
  failedPosts: 0,
  unreadableDays: 0,
  gone: 0,
  lostDevices: 0,
  unasked: 0,
  covered: 0,
  heldToLook: 0,
  heldToRetry: 0,
  lost: 0,
  uncharged: 0,
  daysWithoutData: 0,
  damagedFiles: 0,
  damagedLines: 0,
  roomsNotLookedAt: 0,
  roomsUnread: 0,
  proposals: 0,
  unremembered: 0,
  roomsWaiting: 0,
  foldersIgnored: 0,
  setAside: 0,
}
