import { z } from 'zod';
import { timeIn, townKinds, weatherIn } from '../exercises.ts';

export const town = z.object({
  name: z.string(),
  kind: z.enum(townKinds),
  inhabitants: z.number().int(),
  districts: z.array(z.object({ name: z.string(), central: z.boolean() })),
});

export const parameters = {
  get_weather: z.object({ city: z.string() }),
  get_time: z.object({ zone: z.string() }),
};

/** The two tools that the exercises use, and a record of the calls that really ran. */
export function callLog() {
  const calls: [tool: string, argument: string][] = [];
  return {
    calls,
    get_weather({ city }: { city: string }): string {
      calls.push(['get_weather', city]);
      return weatherIn(city);
    },
    get_time({ zone }: { zone: string }): string {
      calls.push(['get_time', zone]);
      return timeIn(zone);
    },
  };
}

export type CallLog = ReturnType<typeof callLog>;

/** Runs a tool by its name, as a program does that has to bring its own loop. */
export function runTool(log: CallLog, name: string, argument: unknown): string {
  switch (name) {
    case 'get_weather':
      return log.get_weather(parameters.get_weather.parse(argument));
    case 'get_time':
      return log.get_time(parameters.get_time.parse(argument));
    default:
      throw new Error(`no tool is called ${name}`);
  }
}
