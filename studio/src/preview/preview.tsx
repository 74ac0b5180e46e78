export default function Preview() {
  return null;
}
