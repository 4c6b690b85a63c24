/** Numbers and durations as people read them. Nothing known is a dash. */

export function formatCount(value: number | null): string {
  return value === null ? '–' : value.toLocaleString('en');
}

export function formatDuration(milliseconds: number | null): string {
  if (milliseconds === null) return '–';
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days`;
}

export function formatRate(perSecond: number | null): string {
  if (perSecond === null) return '–';
  return `${perSecond < 100 ? perSecond.toFixed(1) : formatCount(Math.round(perSecond))} tok/s`;
}

export function formatShare(part: number | null, whole: number | null): string {
  return part === null || whole === null || whole === 0 ? '–' : `${Math.round((part / whole) * 100)} %`;
}

export function formatTime(at: number): string {
  return new Date(at).toLocaleTimeString('en-GB');
}

/** The value in the middle; null: there are none. */
export function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  if (sorted.length === 0) return null;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
