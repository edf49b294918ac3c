// Random documents: mostly valid, of everything that CollectFields, directives and variables can meet, some a little wrong.
import { getNamedType, isObjectType } from 'graphql';
import { NODES, shapeOf } from './recording.mjs';

const json = (value) => JSON.stringify(value);
const written = (value) =>
  Array.isArray(value)
    ? `[${value.map(written).join(' ')}]`
    : value && typeof value === 'object'
      ? `{${Object.entries(value)
          .map(([key, inner]) => `${key}: ${written(inner)}`)
          .join(', ')}}`
      : json(value);

/** One document with its variables, from one throw of the dice after the other. */
export function makeDocument(schema, roots, die) {
  const fragments = [];
  const variables = [];
  const given = {};
  // A document is wrong in one place, if at all.
  let faults = die.chance(0.2) ? 1 : 0;
  const fault = (p = 0.15) => faults > 0 && die.chance(p) && faults-- > 0;

  /** A variable for a value of a type: with or without default, given or absent. */
  function variable(type, value, otherwise) {
    const same = variables.find((known) => known.type === type && known.key === json(value) && die.chance(0.5));
    if (same) return `$${same.name}`;
    const name = `v${variables.length}`;
    const nullable = !type.endsWith('!');
    const known = { name, type, key: json(value) };
    variables.push(known);
    const how = die.below(4);
    if (how === 0 && nullable) known.default = value;
    else if (how === 1) {
      given[name] = value;
      known.default = otherwise ?? value;
    } else given[name] = value;
    if (nullable && die.chance(0.03)) given[name] = null;
    if (fault(0.1)) given[name] = die.one([{}, 'x', 1.5, [null], true, 3e10]);
    if (fault(0.1)) known.type = die.one(['String', 'Int', 'Boolean!', 'User', 'Nowhere', '[ID!]']);
    if (fault(0.05)) known.default = die.one([{}, 'x', 1.5, true]);
    return `$${name}`;
  }

  function directives() {
    if (!die.chance(0.2)) return '';
    const name = die.one(['skip', 'include']);
    if (fault(0.1)) return ` ${die.one(['@unknown', '@skip', `@${name}(if: "true")`, `@${name}(if: true) @${name}(if: true)`, '@include(unless: true)'])}`;
    // More often than not the field stays.
    const on = die.chance(0.3) === (name === 'skip');
    const condition = die.chance(0.5) ? String(on) : variable(die.one(['Boolean!', 'Boolean']), on, !on);
    // A nullable variable may stand there only with a default.
    const last = variables.at(-1);
    if (condition === `$${last?.name}` && last.type === 'Boolean' && last.default === undefined && !fault(0.3)) last.default = on;
    return ` @${name}(if: ${condition})${die.chance(0.1) ? ` @${name === 'skip' ? 'include' : 'skip'}(if: ${die.one(['true', 'false'])})` : ''}`;
  }

  function argument(def, value) {
    const type = String(def.type);
    if (fault(0.1)) return written(die.one([null, 1.5, 'x', true, {}, [[]]]));
    if (fault(0.05)) return '$nowhere';
    if (die.chance(0.4)) return variable(die.chance(0.3) && !type.endsWith('!') ? `${type}!` : type, value);
    if (value && typeof value === 'object' && !Array.isArray(value) && die.chance(0.5)) {
      const fields = getNamedType(def.type).getFields();
      const inside = Object.entries(value).map(([name, inner]) => `${name}: ${argument(fields[name], inner)}`);
      return `{${inside.join(', ')}}`;
    }
    if (typeof value === 'string' && die.chance(0.1)) return escaped(value);
    if (Array.isArray(value) && value.length === 1 && die.chance(0.5)) return written(value[0]);
    return written(value);
  }

  function field(parent, name, variants, depth) {
    const def = parent.getFields()[name];
    const args = die.one(variants);
    const listed = Object.entries(args).filter(
      ([key, value]) => def.args.find((one) => one.name === key).defaultValue !== value || die.chance(0.5),
    );
    if (die.chance(0.3)) listed.reverse();
    const texts = listed.map(([key, value]) => `${key}: ${argument(def.args.find((one) => one.name === key), value)}`);
    if (fault(0.05)) texts.push(die.one(['nowhere: 1', ...texts.slice(0, 1)]));
    const call = texts.length > 0 ? `(${texts.join(', ')})` : '';
    const below = getNamedType(def.type);
    const inside = below.getFields ? ` ${selections(below, below.name.endsWith('Connection') ? depth : depth - 1)}` : '';
    return `${name}${call}${directives()}${inside}`;
  }

  /** A field, with an alias now and then; the same alias for different fields is rare, and wrong. */
  function aliased(text) {
    const name = /^\w+/.exec(text)[0];
    if (die.chance(0.75)) return text;
    return die.chance(0.93) ? `${die.one(['a', 'b'])}_${name}: ${text}` : `c: ${text}`;
  }

  function one(type, depth) {
    const inner = Math.max(0, depth);
    const pick = die.below(20);
    if (pick === 0) return `...${directives()} ${selections(type, inner)}`;
    if (pick <= 2) {
      const condition = isObjectType(type) ? die.one([type.name, type.name, ...type.getInterfaces().map(String)]) : die.one([...NODES, type.name]);
      const on = fault(0.1) ? die.one(['Query', 'Mirror', 'Nowhere', 'BigInt']) : condition;
      return `... on ${on}${directives()} ${selections(schema.getType(condition), inner)}`;
    }
    if (pick === 3) return `...${fragment(type, inner)}${directives()}`;
    if (fault(0.05)) return die.one(['nowhere', '...Nowhere', 'nowhere { id }', '__typename { id }']);
    if (!isObjectType(type)) return aliased(die.one(['id', '__typename']));
    const { leaves, ways } = shapeOf(schema, type.name);
    if (ways.length > 0 && depth > 0 && die.chance(0.35)) {
      const way = die.one(ways);
      return aliased(field(type, way.field, way.variants, depth));
    }
    if (/Connection$/.test(type.name)) return field(type, 'nodes', [{}], depth);
    return aliased(`${die.one(leaves)}${directives()}`);
  }

  function fragment(type, depth) {
    const known = fragments.filter((other) => other.on === type.name && other.depth <= depth && other.text);
    if (known.length > 0 && die.chance(0.6)) return die.one(known).name;
    const made = { name: `F${fragments.length}`, on: type.name, depth };
    fragments.push(made);
    made.text = `fragment ${made.name} on ${type.name} ${selections(type, depth)}`;
    return made.name;
  }

  function selections(type, depth) {
    const count = 1 + die.below(3);
    const parts = Array.from({ length: count }, () => one(type, depth));
    // Written twice.
    if (die.chance(0.1)) parts.push(die.one(parts));
    return `{ ${parts.join(die.one([' ', ', ', '\n']))} }`;
  }

  function root(kind, type) {
    const names = Object.keys(roots[kind]);
    const count = 1 + die.below(3);
    const parts = Array.from({ length: count }, () => {
      if (die.chance(0.05)) return '__typename';
      const name = die.one(names);
      return aliased(field(type, name, roots[kind][name], 2));
    });
    if (die.chance(0.25)) parts.push(die.one(parts));
    if (die.chance(0.2)) {
      const name = `R${fragments.length}`;
      fragments.push({ name, on: type.name, depth: 9, text: `fragment ${name} on ${type.name} { ${die.one(parts)} }` });
      parts.push(`...${name}${directives()}`, ...(die.chance(0.4) ? [`...${name}`] : []));
    }
    if (die.chance(0.1)) parts.push(`... on ${type.name}${directives()} { ${die.one(parts)} }`);
    return `{ ${parts.join(' ')} }`;
  }

  const isMutation = die.chance(0.25);
  const kind = isMutation ? 'mutation' : 'query';
  const body = root(kind, isMutation ? schema.getMutationType() : schema.getQueryType());
  if (fault(0.1)) variables.push({ name: 'unused', type: 'Int' });
  if (fault(0.1)) fragments.push({ text: 'fragment Unused on User { name }' });
  const defined = variables.map(
    (known) => `$${known.name}: ${known.type}${known.default === undefined ? '' : ` = ${written(known.default)}`}`,
  );
  const head = `${kind} Q${defined.length > 0 ? `(${defined.join(', ')})` : ''}`;
  const other = die.chance(0.05) ? ' query Other { version }' : '';
  const texts = fragments.map(({ text }) => text).join('\n');
  const operationName = other || die.chance(0.2) ? 'Q' : undefined;
  return { text: `${head} ${body} ${texts}${other}`, variables: given, operationName };
}

/** The same text with every character escaped in one way or another. */
function escaped(text) {
  const units = [...text].map((character) => `\\u{${character.codePointAt(0).toString(16)}}`);
  return `"${units.join('')}"`;
}
