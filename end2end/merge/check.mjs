// Asks PouchDB's own merge about the histories that `crates/sync/examples/merge_cases.rs` prints: both must find the same leaves,
// winner and conflicts, and say alike whether anything was new. Reads the cases from its standard input.
import { createInterface } from 'node:readline'
import merging from 'pouchdb-merge'

const { merge, winningRev, isDeleted, collectConflicts, collectLeaves } = merging

// A line as PouchDB's path: the oldest revision at the root, each node [hash, facts, children].
function path({ line: { start, ids }, deleted }) {
  const [newest, ...older] = ids
  const leaf = [newest, deleted ? { status: 'available', deleted: true } : { status: 'available' }, []]
  const node = older.reduce((child, hash) => [hash, { status: 'missing' }, [child]], leaf)
  return { pos: start - ids.length + 1, ids: node }
}

const sorted = names => [...new Set(names)].sort().join(' ')

function differences(history) {
  let tree = []
  const found = []
  for (const step of history.steps) {
    const result = merge(tree, path(step), Number.MAX_SAFE_INTEGER)
    tree = result.tree
    // What has nothing in common with the tree is "internal" to PouchDB, and a known revision that comes with more of its line is
    // news to it. Apart from that, nothing that is new to PouchDB may be old to us.
    if (!step.known && result.conflicts !== 'internal_node' && step.outcome === 'internal_node') {
      found.push(`${JSON.stringify(step.line)}: ${result.conflicts}, and we say ${step.outcome}`)
    }
  }
  const facts = { rev_tree: tree }
  const compare = (what, theirs, ours) => theirs === ours || found.push(`${what}: ${theirs}, and we say ${ours}`)
  compare('leaves', sorted(collectLeaves(tree).map(leaf => leaf.rev)), sorted(history.leaves))
  compare('winner', winningRev(facts), history.winner)
  compare('deleted', isDeleted(facts), history.deleted)
  compare('conflicts', sorted(collectConflicts(facts)), sorted(history.conflicts))
  return found
}

let passed = 0
let failed = 0
for await (const text of createInterface({ input: process.stdin })) {
  const found = differences(JSON.parse(text))
  if (found.length === 0) {
    passed += 1
  } else if ((failed += 1) <= 5) {
    console.error(`${text}\n  ${found.join('\n  ')}`)
  }
}
console.log(`merge: ${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 || passed === 0 ? 1 : 0
