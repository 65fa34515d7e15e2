/** Requests and answers of the stand-in, apart from sockets; the forms the real server's answers have. */

/** A request as a route sees it. `params`: the body's fields; a field given twice is joined by a comma. */
export interface StandInRequest {
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly params: Readonly<Record<string, string>>
  readonly authorization: string | undefined
  readonly bodyBytes: number
}

export interface StandInAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** The real server's words for any fault of its own. */
export const UNEXPECTED = 'Une erreur inattendue est survenue.'

export function text(body: string, type = 'text/plain'): StandInAnswer {
  return { status: 200, headers: { 'Content-Type': `${type}; charset=utf-8` }, body }
}

export function json(value: unknown, status = 200): StandInAnswer {
  const headers = { 'Content-Type': 'application/json; charset=utf-8' }
  return { status, headers, body: JSON.stringify(value) }
}

/** An error that the server raised itself. */
export function jsonError(status: number, message: string): StandInAnswer {
  return json({ status, message }, status)
}

/** No such route: the framework's page, not the server's JSON. */
export function htmlNotFound(method: string, path: string): StandInAnswer {
  return {
    status: 404,
    headers: { 'Content-Type': 'text/html; charset=utf-8' },
    body: `<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Error</title>\n</head>\n<body>\n<pre>Cannot ${method} ${path.replaceAll('<', '&lt;')}</pre>\n</body>\n</html>\n`,
  }
}

/** The fields of a body: urlencoded, or a JSON object's, as text. */
export function bodyFieldsOf(body: string, isJson: boolean): Record<string, string> {
  if (!isJson) return fieldsOf(body)
  const entries = Object.entries(JSON.parse(body) as object)
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]))
}

/** The fields of an urlencoded text. */
export function fieldsOf(encoded: string): Record<string, string> {
  const fields: Record<string, string> = {}
  for (const [name, value] of new URLSearchParams(encoded)) {
    fields[name] = fields[name] === undefined ? value : `${fields[name]},${value}`
  }
  return fields
}
