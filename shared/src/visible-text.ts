/**
 * Text as it may go to a terminal, a log or a file, whoever wrote what is in it: what would move a cursor, turn a line
 * round, hide, or begin a line that nobody wrote, is spelled `\u001b`. In JSON that is the same text. No address keeps
 * its user and password.
 */

/** Control characters (C0, C1, DEL), format characters (directions, zero widths, tags), and the other line breaks. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu
/** The same, but for line feeds and tabs. */
const UNSEEN_IN_LINES = /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu
/** The same, but for line feeds before a stack frame or an item of a list, which are ours. */
const UNSEEN_IN_FAULT = /(?!\n(?: {4}at | {2}- ))[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu
const USER_INFO = /:\/\/[^\s/?#"'<>]*@/g

/** `text` as one line. */
export function visibleLine(text: string): string {
  return spelled(text, UNSEEN)
}

/** `text` as the lines it has: of a document whose line feeds and tabs are ours, such as JSON, a picture or a help. */
export function visibleText(text: string): string {
  return spelled(text, UNSEEN_IN_LINES)
}

/** What an error says, as one line, with its stack or list of faults below it. */
export function visibleFault(text: string): string {
  return spelled(text, UNSEEN_IN_FAULT)
}

function spelled(text: string, unseen: RegExp): string {
  return text.replaceAll(USER_INFO, '://').replaceAll(unseen, (character) =>
    // By halves, where it has two: that is how JSON spells it.
    character
      .split('')
      .map((half) => `\\u${half.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  )
}
