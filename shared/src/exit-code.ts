/** What a command's exit status says (design, section 6). */
export const ExitCode = {
  done: 0,
  /** Something failed and will be tried again; all of it was listed. */
  partial: 1,
  /** Bad usage or configuration; every fault was named. */
  usage: 2,
  /** Could not work: bucket or ticket server unreachable, member map refused. */
  unable: 3,
} as const

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode]
