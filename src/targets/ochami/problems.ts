import type { Site } from '../../site/model.ts';

/** What nginx answers in place of an object, by the name of its location. */
interface Answer {
  readonly name: string;
  readonly status: number;
  /** JSON, as RFC 7807 has it and OpenCHAMI's services write it. */
  readonly problem: string;
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  501: 'Not Implemented',
};

/**
 * Gives what nginx says where OpenCHAMI's services would, or this tree has no answer: in their words where they have any, and
 * in the form that they have for it. Source: Cray-HPE/hms-base, util.go (ProblemDetails).
 */
export function problems(site: Pick<Site, 'name'>): {
  readonly answers: readonly Answer[];
  readonly refusal: string;
} {
  return {
    answers: [
      answer('bss_400', 400, 'Need a mac=, name=, or nid= parameter'),
      answer('bss_404', 404, 'Unknown machine: this host not configured for booting.'),
      answer('smd_404', 404, 'no such xname.'),
      answer('ochami_404', 404, 'Not Found'),
      answer('ochami_403', 403, "That is another machine's, or a list that this address may not have."),
      answer('ochami_501', 501, 'These are files: no list is made by that filter. Ask for the whole one.'),
    ],
    refusal: answer(
      '',
      405,
      `allow GET,HEAD: edit the inventory of ${site.name} instead, build it, and deploy it`,
    ).problem,
  };
}

function answer(name: string, status: number, detail: string): Answer {
  const problem = { type: 'about:blank', title: TITLES[status], detail, status };
  return { name, status, problem: JSON.stringify(problem) };
}
