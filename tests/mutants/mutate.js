// Writes the source files that hold a rule, with each rule made switchable by the environment variable RULE_OFF:
//   node mutate.js <source root> <output folder> <source files...>
// A rule that is not found exactly once is an error: the table has to follow the code.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { rules } from './rules.js';

const [root, output, ...files] = process.argv.slice(2);

const preamble = `#include <cstdlib>
#include <string_view>
namespace {
[[maybe_unused]] bool off(std::string_view name) {
  static const char* const chosen = std::getenv("RULE_OFF");
  return chosen && name == chosen;
}
}  // namespace
`;

const switchable = ({ name, rule, without, whole }) => {
  const quoted = JSON.stringify(name);
  return whole ? without.replaceAll('NAME', quoted) : `(off(${quoted}) ? ${without} : (${rule}))`;
};

const fail = (text) => {
  console.error(text);
  process.exit(1);
};

const texts = new Map();
for (const { file } of rules) if (!files.includes(file)) fail(`CMakeLists.txt does not name ${file}`);
for (const entry of rules) {
  const text = texts.get(entry.file) ?? preamble + readFileSync(join(root, entry.file), 'utf8');
  const parts = text.split(entry.rule);
  if (parts.length !== 2)
    fail(`${entry.file}: "${entry.name}" was found ${parts.length - 1} times; bring rules.js up to date`);
  texts.set(entry.file, parts.join(switchable(entry)));
}
for (const [file, text] of texts) {
  mkdirSync(dirname(join(output, file)), { recursive: true });
  writeFileSync(join(output, file), text);
}
