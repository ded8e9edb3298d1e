# The server serves block devices, to which images of Ceph are mapped.
rbdmap=/etc/ceph/rbdmap
begins="# harvgen $site begins"
ends="# harvgen $site ends"

# mapped: prints the lines of the tree, each an image and options.
mapped() {
  if [ -e "$tree/iscsi/rbdmap" ]; then cat "$tree/iscsi/rbdmap"; fi
}

map_images() {
  local image
  while read -r image _; do
    if [ -e "/dev/rbd/$image" ]; then continue; fi
    if [ -n "$dry" ]; then
      say "would map $image"
    elif rbd map "$image" "${rbd[@]}" >&2; then
      say "mapped  $image"
    fi
  done < <(mapped)
}

# unmap_images: unmaps images that are no longer in the tree or served, and sets which images are mapped when the machine starts.
unmap_images() {
  local image options lines
  lines=$(mapped)
  while read -r image options; do
    if [[ $image == '#'* ]] || [[ $'\n'$lines == *$'\n'"$image "* ]] || [ ! -e "/dev/rbd/$image" ]; then continue; fi
    if [ -n "$dry" ]; then
      say "would unmap $image"
    elif rbd unmap "/dev/rbd/$image" >&2; then
      say "unmapped $image"
    else
      fail "$image: still mapped: see the error of rbd above"
      lines+=${lines:+$'\n'}"$image $options"
    fi
  done < <(if [ -e "$rbdmap" ]; then sed -n "/^$begins\$/,/^$ends\$/p" "$rbdmap"; fi)
  {
    if [ -e "$rbdmap" ]; then sed "/^$begins\$/,/^$ends\$/d" "$rbdmap"; fi
    [ -z "$lines" ] || printf '%s\n' "$begins" "$lines" "$ends"
  } >"$made/.rbdmap"
  if [ -z "$dry" ] && ! cmp -s "$made/.rbdmap" "$rbdmap"; then
    install -D -m 0644 "$made/.rbdmap" "$rbdmap.new"
    mv "$rbdmap.new" "$rbdmap"
  fi
}

