/** A probe's memory from one scan to the next (`runtimeFile`), on a folder in this process. */
import {
  type RuntimeFile,
  type RuntimeFs,
  runtimeFile,
} from '@presences/probe/runtime/runtime-folder.ts'

/** The file that holds `input`; what is written to it is there for who reads it next. */
export function runtimeFileOf<Content>(
  input: Uint8Array,
  isContent: (value: unknown) => value is Content,
): RuntimeFile<Content> {
  const files = new Map<string, Buffer>([['/run/file.json', Buffer.from(input)]])
  const fs = {
    readFileSync: (path: string) => files.get(path)?.toString('utf8'),
    writeFileSync: (path: string, text: string) => files.set(path, Buffer.from(text)),
    unlinkSync: (path: string) => files.delete(path),
    renameSync: (from: string, to: string) => files.set(to, files.get(from) as Buffer),
  }
  return runtimeFile('/run', 'file.json', isContent, 0o600, fs as unknown as RuntimeFs)
}
