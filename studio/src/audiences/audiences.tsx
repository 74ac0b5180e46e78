export default function Audiences() {
  return null;
}
