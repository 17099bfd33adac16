import { describe, expect, it } from 'vitest';
import { literalRegions, regionFilter } from '../../src/aws/region-filter.ts';

const regions = ['eu-west-1', 'eu-west-2', 'us-east-1', 'us-gov-west-1'];
const chosen = (...patterns: string[]) => regions.filter(regionFilter(patterns));

describe('regionFilter', () => {
  it('takes everything without patterns', () => {
    expect(chosen()).toEqual(regions);
  });
  it('takes names and globs', () => {
    expect(chosen('eu-*', 'us-east-?')).toEqual(['eu-west-1', 'eu-west-2', 'us-east-1']);
  });
  it('leaves out what is excluded, in any order', () => {
    expect(chosen('!eu-west-2', 'eu-*')).toEqual(['eu-west-1']);
    expect(chosen('!us-*')).toEqual(['eu-west-1', 'eu-west-2']);
  });
  it('matches whole names only, and no regular expressions', () => {
    expect(chosen('west')).toEqual([]);
    expect(chosen('eu-west-.')).toEqual([]);
  });
});

describe('literalRegions', () => {
  it('names regions that need no list', () => {
    expect(literalRegions(['us-east-1', 'eu-west-1', 'us-east-1'])).toEqual([
      'us-east-1',
      'eu-west-1',
    ]);
  });
  it('leaves out what is excluded', () => {
    expect(literalRegions(['us-east-1', 'eu-west-1', '!eu-*'])).toEqual(['us-east-1']);
  });
  it('needs a list for globs and for exclusions alone', () => {
    expect(literalRegions(['eu-*', 'us-east-1'])).toBeNull();
    expect(literalRegions(['!eu-west-1'])).toBeNull();
    expect(literalRegions([])).toBeNull();
  });
});
