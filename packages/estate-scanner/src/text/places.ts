/**
 * Where regions are, in the words people use
 * (https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html).
 */
const places: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'af-south-1': 'Cape Town, South Africa',
    'ap-east-1': 'Hong Kong, Asia',
    'ap-northeast-1': 'Tokyo, Japan, Asia',
    'ap-northeast-2': 'Seoul, Korea, Asia',
    'ap-northeast-3': 'Osaka, Japan, Asia',
    'ap-south-1': 'Mumbai, India, Asia',
    'ap-south-2': 'Hyderabad, India, Asia',
    'ap-southeast-1': 'Singapore, Asia',
    'ap-southeast-2': 'Sydney, Australia',
    'ap-southeast-3': 'Jakarta, Indonesia, Asia',
    'ap-southeast-4': 'Melbourne, Australia',
    'ca-central-1': 'Canada',
    'ca-west-1': 'Calgary, Canada',
    'cn-north-1': 'Beijing, China',
    'cn-northwest-1': 'Ningxia, China',
    'eu-central-1': 'Frankfurt, Germany, Europe',
    'eu-central-2': 'Zurich, Switzerland, Europe',
    'eu-north-1': 'Stockholm, Sweden, Europe',
    'eu-south-1': 'Milan, Italy, Europe',
    'eu-south-2': 'Spain, Europe',
    'eu-west-1': 'Ireland, Europe',
    'eu-west-2': 'London, United Kingdom, Europe',
    'eu-west-3': 'Paris, France, Europe',
    'il-central-1': 'Tel Aviv, Israel',
    'me-central-1': 'United Arab Emirates, Middle East',
    'me-south-1': 'Bahrain, Middle East',
    'sa-east-1': 'São Paulo, Brazil, South America',
    'us-east-1': 'Virginia, United States',
    'us-east-2': 'Ohio, United States',
    'us-gov-east-1': 'GovCloud East, United States',
    'us-gov-west-1': 'GovCloud West, United States',
    'us-west-1': 'California, United States',
    'us-west-2': 'Oregon, United States',
  }),
);

/** A region with its place; a region that is not known stands alone, `global` is left out. */
export function placeOf(region: string): string {
  if (region === 'global' || region === 'unknown') return '';
  const place = places.get(region);
  return place ?? region;
}
