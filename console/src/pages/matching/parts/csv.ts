/** What a spreadsheet would run as a formula, or write back as another number; the server arms its own files the same way. */
const CHANGED = /^(?:[=+\-@＝＋－＠]|[0０][0-9０-９]+$|[0-9０-９]{16,}$|[0-9０-９]+[eEｅＥ][+\-＋－]?[0-9０-９]+$)/;

/** One value of a line. */
function cell(value: string): string {
  const armed = CHANGED.test(value.replace(/^'+/, '')) ? `'${value}` : value;
  return /[",\r\n]/.test(armed) ? `"${armed.replaceAll('"', '""')}"` : armed;
}

/** CSV with a first line that names the columns. */
export function csvOf(columns: readonly string[], rows: readonly (readonly (string | null | undefined)[])[]): string {
  const lines = rows.map((row) => row.map((value) => cell(value ?? '')).join(','));
  return `${[columns.join(','), ...lines].join('\r\n')}\r\n`;
}

/** The cells of CSV or of what a spreadsheet puts into the clipboard, without blank lines; each with the number of its line. */
export function cellsOf(text: string, separator: string): { line: number; cells: string[] }[] {
  const rows: { line: number; cells: string[] }[] = [];
  let cells: string[] = [];
  let value = '';
  let quoted = false;
  let line = 1;
  let begun = 1;
  const endCell = () => {
    cells.push(value.trim().replace(/^'(?=[=+\-@0-9＝＋－＠０-９])/, ''));
    value = '';
  };
  const endRow = () => {
    endCell();
    if (cells.some((each) => each !== '')) rows.push({ line: begun, cells });
    cells = [];
    begun = line;
  };

  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] as string;
    if (char === '\n') line += 1;
    if (quoted) {
      if (char !== '"') value += char;
      else if (text[at + 1] === '"') {
        value += '"';
        at += 1;
      } else quoted = false;
    } else if (char === '"' && value.trim() === '') {
      quoted = true;
      value = '';
    } else if (char === separator) endCell();
    else if (char === '\n') endRow();
    else if (char !== '\r') value += char;
  }
  endRow();
  return rows;
}

/** Hands a text to the reader as a file. With its mark of UTF-8, without which spreadsheets take Chinese for something else. */
export function saveFile(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob(['\ufeff', text], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
