/**
 * What the program complains of, from its sources as a compiler reads them: the words of each place that makes a
 * complaint, however they are written there. What is only known when it runs stands as `X`.
 */
import { type Expression, type Node, parseSync, type VariableDeclarator, Visitor } from 'oxc-parser'

export interface Words {
  /** All texts there are. */
  readonly said: readonly string[]
  /** What is wrong, without what to do. */
  readonly complaints: readonly string[]
}

/** Reads a source; of the doctor's, all that it finds amiss is a complaint too. Throws for what is no TypeScript. */
export function wordsOf(path: string, source: string): Words {
  const { program, errors } = parseSync(path, source)
  if (errors.length > 0) throw new Error(`Can't read ${path}: ${errors[0]?.message}`)
  const isDoctor = path.includes('/doctor/')
  const said: string[] = []
  const complaints: string[] = []
  const complain = (value: Node | null | undefined) => void complaints.push(...textsOf(value))
  new Visitor({
    Literal: ({ value }) => {
      if (typeof value === 'string') said.push(value)
    },
    TemplateElement: ({ value }) => void said.push(value.cooked ?? value.raw),
    ObjectExpression: (node) => {
      const of = propertiesOf(node)
      const isWrong = literal(of.get('verdict')) === 'wrong'
      // A reason, and what to do about it; of the clock, whose advice is the same for all, without.
      if (of.has('advice') || isWrong) complain(of.get('reason'))
      if (!isDoctor) return
      if (literal(of.get('state')) !== 'works') complain(of.get('finding'))
      complain(of.get('fault'))
    },
    // A pattern in another program's words, and what it means.
    ArrayExpression: ({ elements: [first, second] }) => {
      if (first?.type === 'Literal' && 'regex' in first) complain(second)
    },
    CallExpression: ({ callee, arguments: [first] }) => {
      if (callee.type === 'Identifier' && MAKERS.includes(callee.name)) complain(first)
    },
    VariableDeclarator: ({ id, init }: VariableDeclarator) => {
      if (isDoctor && id.type === 'Identifier' && id.name === 'finding') complain(init)
    },
  }).visit(program)
  // Of less nothing can be told from other words.
  const isTold = (text: string) => text.replaceAll(/X|\W/g, '').length > 5
  return { said, complaints: complaints.filter(isTold) }
}

/** What makes a complaint of its first argument. */
const MAKERS = ['unknown', 'misconfigured']

function propertiesOf(node: Extract<Expression, { type: 'ObjectExpression' }>) {
  return new Map(
    node.properties.flatMap((each) =>
      each.type === 'Property' && each.key.type === 'Identifier'
        ? [[each.key.name, each.value] as const]
        : [],
    ),
  )
}

function literal(node: Node | undefined): unknown {
  return node?.type === 'Literal' ? node.value : undefined
}

/** The texts that a value may be. */
function textsOf(node: Node | null | undefined): string[] {
  switch (node?.type) {
    case 'Literal':
      return typeof node.value === 'string' ? [node.value] : []
    case 'TemplateLiteral':
      return [node.quasis.map(({ value }) => value.cooked ?? value.raw).join('X')]
    case 'ConditionalExpression':
      return [...textsOf(node.consequent), ...textsOf(node.alternate)]
    case 'LogicalExpression':
      return [...textsOf(node.left), ...textsOf(node.right)]
    default:
      return []
  }
}
