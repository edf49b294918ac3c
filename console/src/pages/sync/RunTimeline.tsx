import './timeline.css';
import type { ReactNode } from 'react';
import { useFormats, useText } from '../../i18n';
import { classes } from '../../ui/classes';
import { Icon } from '../../ui/Icon';
import { messages } from './messages';
import { PHASES, type Phase, type RunFacts } from './runFacts';

/** When the phases were entered and left; empty of runs from before that was kept. */
type Times = RunFacts['phases'];

type Stand = 'done' | 'now' | 'stopped' | 'later';

/** How wide the phases are where nobody knows how long they last. */
const USUAL: Record<Phase, number> = { PLANNING: 0.7, CRAWLING: 2.6, VERIFYING: 1, APPLYING: 1.1 };

/** The four phases of a run, as wide as they lasted where that is known, with how far it is. */
export function RunTimeline({ run }: { run: RunFacts }) {
  const t = useText(messages);
  const formats = useFormats();
  const at = run.phase === 'FINISHED' ? PHASES.length : PHASES.indexOf(run.phase);
  const stand = (index: number): Stand => {
    if (index < at) return 'done';
    if (index > at) return 'later';
    return run.state === 'RUNNING' ? 'now' : 'stopped';
  };
  const times = run.phases;
  const widths = widthsOf(times);

  // Of a dry run what is read is compared with the mirror, and nothing is written.
  const dry = run.mode === 'DRY_RUN';
  const nameOf = (phase: Phase) => t(dry && phase === 'APPLYING' ? 'phase.APPLYING.dry' : `phase.${phase}`);

  const said = (phase: Phase, index: number): ReactNode => {
    const its = stand(index);
    const seconds = lasted(times, phase);
    if (its === 'stopped') return t('phase.stopped');
    if (phase === 'CRAWLING' && its !== 'later') {
      const { departmentsRead, departmentsFound, usersRead, usersFound } = run.progress;
      return t('phase.read', { departmentsRead, departmentsFound, usersRead, usersFound });
    }
    if (phase === 'APPLYING' && its !== 'done') return t(dry ? 'phase.dry' : 'phase.once');
    if (its === 'done') return seconds === null ? t('phase.done') : formats.duration(seconds);
    return its === 'now' ? t(`phase.now.${phase}`) : t('phase.later');
  };

  return (
    <ol className="timeline small" style={{ ['--phases' as string]: widths.map((width) => `minmax(0, ${width}fr)`).join(' ') }}>
      {PHASES.map((phase, index) => {
        const its = stand(index);
        return (
          <li key={phase} className={its}>
            <Bar name={nameOf(phase)} phase={phase} stand={its} fraction={run.progress.fraction} />
            <b className={classes('row', 'gap4', its === 'done' && 'ok', its === 'stopped' && 'bad', its === 'later' && 't3')}>
              {its === 'done' && <Icon name="check" />}
              {its === 'stopped' && <Icon name="cross" />}
              {nameOf(phase)}
            </b>
            <p className={classes('num', its === 'now' ? 't2' : 't3')}>{said(phase, index)}</p>
          </li>
        );
      })}
    </ol>
  );
}

/** The phase's bar; of the one under way, how far it is as far as that can be told. */
function Bar({ name, phase, stand, fraction }: { name: string; phase: Phase; stand: Stand; fraction: number }) {
  const crawls = phase === 'CRAWLING' && (stand === 'now' || stand === 'stopped');
  if (stand !== 'now') {
    return (
      <span className="timeline-bar" aria-hidden="true">
        {crawls && <i style={{ width: `${fraction * 100}%` }} />}
      </span>
    );
  }
  const percent = Math.round(fraction * 100);
  return (
    <span
      className={classes('timeline-bar', !crawls && 'unknown')}
      role="progressbar"
      aria-label={name}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={crawls ? percent : undefined}
    >
      <i style={{ width: crawls ? `${percent}%` : '100%' }} />
    </span>
  );
}

function lasted(times: Times, phase: Phase): number | null {
  const its = times.find((each) => each.phase === phase);
  if (!its?.finishedAt) return null;
  return (Date.parse(its.finishedAt) - Date.parse(its.startedAt)) / 1_000;
}

/** Shares of the width: of phases that are over their time, of the others what is usual beside it; none too narrow to read. */
function widthsOf(times: Times): number[] {
  const known = PHASES.map((phase) => lasted(times, phase));
  const seconds = known.reduce<number>((sum, each) => sum + (each ?? 0), 0);
  const usual = PHASES.reduce((sum, phase, index) => sum + (known[index] === null ? 0 : USUAL[phase]), 0);
  const scale = seconds > 0 && usual > 0 ? seconds / usual : 1;
  const widths = PHASES.map((phase, index) => known[index] ?? USUAL[phase] * scale);
  const total = widths.reduce((sum, width) => sum + width, 0);
  return widths.map((width) => Math.max(width / total, 0.14));
}
