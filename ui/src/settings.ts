import { settingOf } from './setting.ts';

/** The zone that times are shown in: the reader's own, or UTC. */
export const zone = settingOf(['local', 'utc'], 'pgmon-zone');

/** Colors of the page: as the system has them, or one of the two for good. */
export const theme = settingOf(['system', 'light', 'dark'], 'pgmon-theme');

/** Whether the page asks for new data by itself. Not kept: a page that is opened is alive. */
export const refresh = settingOf(['on', 'paused']);
