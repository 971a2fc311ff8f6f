import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { LOOPS, type Loop } from '../src/config/loop.ts';
import { shardsOf } from '../src/config/shards.ts';
import { compile, writeConfig } from './bundle.ts';
import type { Deployment } from './deployment.ts';
import { configFor } from './lambda-config.ts';
import { LAMBDAS, type LambdaName } from './lambdas.ts';
import { buildPage } from './page.ts';

/** Where the built Lambdas of a deployment are. */
export interface Bundles {
  of(name: Exclude<LambdaName, Loop>): string;
  ofLoop(loop: Loop, shard: string): string;
}

/** Builds the page and every Lambda below a folder: those of the loops once for each shard, which knows its own targets. */
export async function build(deployment: Deployment, into: string): Promise<Bundles> {
  buildPage();
  rmSync(into, { recursive: true, force: true });
  const folderOf = (name: LambdaName, shard = 'code') => join(into, shard, name);
  await Promise.all(LAMBDAS.map((name) => compile(name, folderOf(name))));
  for (const name of LAMBDAS) {
    if (!isLoop(name)) writeConfig(folderOf(name), configFor(name, deployment));
  }
  for (const [i, { id, targets }] of shardsOf(deployment.config).entries()) {
    const served = targets.map(({ cluster }) => cluster);
    for (const loop of LOOPS) {
      cpSync(folderOf(loop), folderOf(loop, `shard-${id}`), { recursive: true });
      // Removed targets are looked after by one process of all.
      const config = configFor(loop, deployment, served, loop === 'hot' && i === 0);
      writeConfig(folderOf(loop, `shard-${id}`), config);
    }
  }
  return { of: (name) => folderOf(name), ofLoop: (loop, shard) => folderOf(loop, `shard-${shard}`) };
}

function isLoop(name: LambdaName): name is Loop {
  return LOOPS.some((loop) => loop === name);
}
