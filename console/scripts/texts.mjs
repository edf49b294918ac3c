// The texts: none stands in a component, both languages say the same things, every message can be read.
//   node scripts/texts.mjs
import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'graphql';
import { parseAst, transformWithOxc } from 'vite';

const root = new URL('../src/', import.meta.url);
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).map((file) => file.replaceAll('\\', '/'));
const complaints = [];

/** Attributes that a reader sees or hears. */
const SPOKEN = /^(?:aria-label|aria-description|aria-roledescription|aria-valuetext|title|placeholder|alt|label)$/;
const LETTERS = /\p{L}/u;
const HAN = /\p{Script=Han}/u;

const module = async (file) => {
  const source = readFileSync(new URL(file, root), 'utf8');
  const { code } = await transformWithOxc(source, file, { lang: 'ts' });
  return import(`data:text/javascript,${encodeURIComponent(code)}`);
};

/** What the server says, by its codes. English is its own. */
const SENTENCES = 'reasons/messages.zh.ts';

/** What the sources write between quotes, and how their templates begin: `state.${state}`. */
const literals = new Set();
const beginnings = new Set();

await findTexts();
await compareCatalogues();
await compareSentences();

for (const complaint of complaints) console.error(complaint);
if (complaints.length > 0) {
  console.error(`\n${complaints.length} texts are wrong: README.md, “A text”, says where they belong.`);
  process.exit(1);
}
console.log('texts: none stands in a component, and both languages have the same');

/** Texts that stand in a component: words between tags, in spoken attributes, and Chinese wherever it is. */
async function findTexts() {
  const sources = files.filter((file) => /\.tsx?$/.test(file) && !/^(generated|graphiql)\/|messages(\.\w+)?\.ts$/.test(file));
  for (const file of sources) {
    const source = readFileSync(new URL(file, root), 'utf8');
    const tree = parseAst(source, { lang: file.endsWith('x') ? 'tsx' : 'ts' });
    const complain = (node, text) => {
      const line = source.slice(0, node.start).split('\n').length;
      complaints.push(`src/${file}:${line}: “${text.trim()}” stands in a component`);
    };

    walk(tree, (node, parents) => {
      if (node.type === 'Literal' && typeof node.value === 'string') literals.add(node.value);
      if (node.type === 'TemplateLiteral' && node.expressions.length > 0) beginnings.add(node.quasis[0].value.raw);
      if (node.type === 'JSXText' && LETTERS.test(node.value) && !parents.some(isData)) complain(node, node.value);
      if (node.type === 'Literal' && typeof node.value === 'string' && isSpoken(node, parents)) complain(node, node.value);
      if (node.type === 'Literal' && typeof node.value === 'string' && HAN.test(node.value)) complain(node, node.value);
      if (node.type === 'TemplateElement' && HAN.test(node.value.raw)) complain(node, node.value.raw);
    });
  }
}

/** Names of products and keys, marked as what isn't translated. */
function isData(node) {
  return (
    node.type === 'JSXElement' &&
    node.openingElement.attributes.some((each) => each.name?.name === 'translate' && each.value?.value === 'no')
  );
}

/** A literal that is a spoken attribute's value, or what stands between tags: {'text'}. */
function isSpoken(node, parents) {
  const [parent, above] = parents;
  if (!LETTERS.test(node.value)) return false;
  const attribute = parent.type === 'JSXAttribute' ? parent : above?.type === 'JSXAttribute' ? above : null;
  if (attribute) return SPOKEN.test(attribute.name.name) && (parent === attribute || parent.type === 'JSXExpressionContainer');
  return parent.type === 'JSXExpressionContainer' && above?.type === 'JSXElement' && !parents.some(isData);
}

function walk(node, see, parents = []) {
  see(node, parents);
  const inside = [node, ...parents];
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (child && typeof child.type === 'string') walk(child, see, inside);
    }
  }
}

function isUsed(key) {
  return literals.has(key) || [...beginnings].some((beginning) => beginning.includes('.') && key.startsWith(beginning));
}

/** TypeScript compares the keys; here are the placeholders, the syntax, and English that was forgotten. */
async function compareCatalogues() {
  const { parseMessage, namesOf } = await module('i18n/message.ts');
  for (const file of files.filter((each) => each.endsWith('/messages.zh.ts') && each !== SENTENCES)) {
    const { default: zh } = await module(file);
    const { default: en } = await module(file.replace('.zh.', '.en.'));
    for (const key of Object.keys(zh)) {
      // The server names the codes of the settings.
      if (!file.startsWith('reasons/') && !isUsed(key)) complaints.push(`src/${file}: nothing says ${key}`);
      try {
        const [chinese, english] = [zh[key], en[key] ?? ''].map((text) => namesOf(parseMessage(text)).join(', '));
        if (chinese !== english) {
          complaints.push(`src/${file}: ${key} takes {${chinese}} in Chinese and {${english}} in English`);
        }
      } catch (error) {
        complaints.push(`src/${file}: ${key}: ${error.message}`);
      }
      if (HAN.test(en[key] ?? '') && !HAN.test(zh[key])) complaints.push(`src/${file}: ${key} is Chinese in English alone`);
    }
  }
}

/** Each code of the schema has a Chinese sentence, which takes no arguments but those of the English one. */
async function compareSentences() {
  const { parseMessage, namesOf } = await module('i18n/message.ts');
  const { default: sentences } = await module(SENTENCES);
  const { default: settings } = await module('reasons/settings/messages.zh.ts');
  for (const [key, text] of Object.entries(sentences)) {
    try {
      parseMessage(text);
    } catch (error) {
      complaints.push(`src/${SENTENCES}: ${key}: ${error.message}`);
    }
  }

  const schema = parse(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'));
  const codes = schema.definitions.find(({ name }) => name?.value === 'StatementCode')?.values ?? [];
  for (const { name, description } of codes) {
    const text = sentences[name.value] ?? settings[name.value];
    if (text === undefined) complaints.push(`src/${SENTENCES}: nothing says ${name.value}: ${description?.value}`);
    else {
      const known = new Set([...(description?.value ?? '').matchAll(/\{\s*(\w+)/g)].map(([, each]) => each));
      const foreign = namesOf(parseMessage(text)).filter((each) => !known.has(each));
      if (foreign.length > 0) complaints.push(`src/reasons: ${name.value} has no argument ${foreign.join(', ')}`);
    }
  }
}
