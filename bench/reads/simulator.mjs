// The simulated DingTalk: where the company comes from, and where its changes are made.
import { freePort } from '../../tests/clients/support/server.mjs';
import { postText } from './graphql.mjs';
import { cleanEnvironment } from './environment.mjs';

/** Departments of a company of that size: as many as companies have, and few enough for one sync in minutes. */
export const departmentsOf = (people) => Math.min(20_000, Math.max(20, Math.floor(people / 25) * 2));

export class Simulator {
  /** Starts the company of that size; the same one each time. */
  static async start(stage, binary, people) {
    const listen = `127.0.0.1:${await freePort()}`;
    const args = ['simulate', '--listen', listen, '--users', people, '--departments', departmentsOf(people)];
    const daemon = stage.launch('simulate', binary, [...args, '--rate-limit', 0].map(String), {
      ...cleanEnvironment(),
      DINGMIRROR_LOG: 'error',
    });
    const found = (name) => new RegExp(`${name}\\s+(\\S+)`).exec(daemon.output)?.[1];
    await daemon.until('its credentials', async () => found('appSecret'), 600_000);

    const simulator = new Simulator();
    simulator.address = listen;
    simulator.url = `http://${listen}`;
    simulator.credentials = { agentId: found('agentId'), appKey: found('appKey'), appSecret: found('appSecret') };
    return simulator;
  }

  /** Makes one change of the directory, which emits its event. */
  async edit(edit) {
    await postText(`${this.url}/control/edits`, JSON.stringify(edit));
  }
}
