// A plain GraphQL client. One connection is kept: what is measured here includes no handshake.
import { Agent, request } from 'node:http';

const agent = new Agent({ keepAlive: true, maxSockets: 16 });

/** Posts a body and gives the answer's text; throws unless it is 200. */
export function postText(url, body, headers = {}) {
  return new Promise((resolve, reject) => {
    const bytes = Buffer.from(body);
    const options = {
      agent,
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': bytes.length, ...headers },
    };
    const call = request(url, options, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('error', reject);
      answer.on('end', () => {
        const text = Buffer.concat(parts).toString();
        if (answer.statusCode === 200) resolve(text);
        else reject(new Error(`${url} answered ${answer.statusCode}: ${text.slice(0, 1_000)}`));
      });
    });
    call.on('error', reject);
    call.end(bytes);
  });
}

/** The `data` of an operation that must not fail. */
export async function ask({ url, headers }, query, variables) {
  const { data, errors } = JSON.parse(await postText(url, JSON.stringify({ query, variables }), headers));
  if (errors) throw new Error(`${url} answered ${JSON.stringify(errors).slice(0, 1_000)}`);
  return data;
}
