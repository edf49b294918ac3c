import './table.css';
import type { ReactNode } from 'react';
import { useText } from '../i18n';
import { classes } from './classes';
import { messages } from './messages';

/** A column of a table. */
export interface Column<Row> {
  title: ReactNode;
  cell: (row: Row) => ReactNode;
  /** Numbers stand at the end of their column. */
  end?: boolean;
  nowrap?: boolean;
  /** Left out below this width of the window. */
  from?: 'wide';
}

/** Rows and columns. Only tables scroll sideways, within themselves. `onOpen` makes each row a thing to click; its first cell
 * should hold the link or button that does the same by keyboard. */
export function DataTable<Row>({
  name,
  rows,
  columns,
  id,
  selected,
  onOpen,
  empty,
}: {
  /** What a screen reader calls the table. */
  name: string;
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  id: (row: Row) => string;
  selected?: string | null;
  onOpen?: (row: Row) => void;
  empty?: ReactNode;
}) {
  const t = useText(messages);
  if (rows.length === 0) return <>{empty ?? <p className="pad t2">{t('table.empty')}</p>}</>;
  return (
    <div className="table-scroll" tabIndex={0} role="region" aria-label={name}>
      <table className="table">
        <thead>
          <tr>
            {columns.map((column, index) => (
              <th key={index} scope="col" className={classes(column.end && 'at-end', column.from && 'wide-only')}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr
              key={id(row)}
              className={classes(onOpen && 'opens')}
              aria-current={selected === id(row) || undefined}
              onClick={onOpen && (() => onOpen(row))}
            >
              {columns.map((column, index) => (
                <td
                  key={index}
                  className={classes(
                    column.end && 'at-end num',
                    column.nowrap && 'nowrap',
                    column.from && 'wide-only',
                  )}
                >
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
