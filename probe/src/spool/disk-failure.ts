/** Why a disk did not take a file, in words a volunteer understands, and what to do. */

export interface DiskFailure {
  readonly reason: string
  readonly advice: string
}

/** Explains what writing below `folder` failed with. */
export function explainDiskFailure(cause: unknown, folder: string): DiskFailure {
  const { code, message } = cause as NodeJS.ErrnoException
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return {
        reason: 'the disk is full',
        advice: `free space on the disk of ${folder}; the minutes waiting there are kept`,
      }
    case 'EROFS':
      return {
        reason: 'the disk is read-only',
        advice: 'look for disk errors (dmesg); an SD card at its end must be replaced',
      }
    case 'EACCES':
      return {
        reason: 'the user of the probe may not',
        advice: `give it a folder of its own (sudo install -d -o USER ${folder}), or set PROBE_SPOOL`,
      }
    case 'EEXIST':
    case 'ENOTDIR':
      return {
        reason: 'a file stands where a folder is needed',
        advice: 'move it, or set PROBE_SPOOL to another folder',
      }
    case 'EPERM':
      return {
        reason: `the file system of ${folder} has no hard links`,
        advice: 'set PROBE_SPOOL to a folder on ext4 or the like',
      }
    default:
      return { reason: message, advice: `check the disk of ${folder}` }
  }
}
