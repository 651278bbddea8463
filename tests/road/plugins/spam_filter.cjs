#!/usr/bin/env node
// A write policy as operators have them: answers line by line, and counts per author in memory.
const readline = require('readline');

const limit = Number(process.argv[2] ?? 3);
const seen = new Map();

function decide({ event, sourceType, sourceInfo, authed }) {
  if (event.content.includes('whoami'))
    return { action: 'reject', msg: `blocked: ${sourceType} ${sourceInfo} ${authed ?? 'nobody'}` };
  if (event.content.includes('buy now')) return { action: 'shadowReject' };
  const count = (seen.get(event.pubkey) ?? 0) + 1;
  seen.set(event.pubkey, count);
  if (count > limit) return { action: 'reject', msg: `rate-limited: ${limit} events are enough` };
  return { action: 'accept' };
}

readline.createInterface({ input: process.stdin, terminal: false }).on('line', (line) => {
  const question = JSON.parse(line);
  if (question.type !== 'new') {
    console.error('unexpected request type');
    return;
  }
  console.log(JSON.stringify({ id: question.event.id, ...decide(question) }));
});
