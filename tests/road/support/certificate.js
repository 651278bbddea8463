// Self-signed certificates, made by the openssl command when a test needs them.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** {tls_cert, tls_key}: paths of the PEM files of a new key. */
export async function make_certificate(folder, name, good_for = 'IP:127.0.0.1') {
  const files = { tls_cert: join(folder, `${name}.crt`), tls_key: join(folder, `${name}.key`) };
  const made = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=${good_for}`, '-days', '2'];
  const out = ['-keyout', files.tls_key, '-out', files.tls_cert];
  await promisify(execFile)('openssl', ['req', ...made, ...subject, ...out]);
  return files;
}
