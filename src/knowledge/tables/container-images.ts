/**
 * nginx as user 101 with nothing written but /tmp, at a stable release whose last number still moves. It has the modules
 * that the site's server blocks need. Source: https://github.com/nginx/docker-nginx-unprivileged.
 */
export const NGINX_UNPRIVILEGED = 'docker.io/nginxinc/nginx-unprivileged:1.28';
