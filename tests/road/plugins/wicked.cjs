// A write policy that does what the content of an event says, to show what the relay makes of it.
const readline = require('readline');

const deeds = {
  accept: (id) => console.log(JSON.stringify({ id, action: 'accept' })),
  slow: (id) => setTimeout(deeds.accept, 300, id),
  never: () => {},
  crash: () => process.exit(7),
  garbage: () => console.log('Error: {"id":'),
  flood: () => process.stdout.write('x'.repeat(1_000_000)),
  wrong: (id) => console.log(JSON.stringify({ id: id.replace(/./g, '0'), action: 'accept' })),
  maybe: (id) => console.log(JSON.stringify({ id, action: 'maybe' })),
  hang_up: () => require('fs').closeSync(1),
};

process.stdout.on('error', () => {});
readline.createInterface({ input: process.stdin, terminal: false }).on('line', (line) => {
  const { event } = JSON.parse(line);
  console.error(`asked about ${event.content}`);
  deeds[event.content.split(' ')[0]](event.id);
});
