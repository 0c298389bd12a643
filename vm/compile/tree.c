/* SPDX-License-Identifier: BSD-2-Clause */
/* tree - see the header. */
#include "vm/compile/tree.h"

void vm_tree_init(Tree *tree, Scratch *scratch, uint64_t stop_at) {
  *tree = (Tree){.scratch = scratch, .stop_at = stop_at, .line = 1};
}

static void append_chunk(Tree *tree, TreeChunk *chunk) {
  chunk->next = NULL;
  chunk->count = 0;
  if (tree->last) {
    tree->last->count = (uint64_t)(tree->at - tree->last->nodes);
    tree->last->next = chunk;
  } else {
    tree->first = chunk;
  }
  tree->last = chunk;
  tree->at = chunk->nodes;
}

TreeRoom vm_tree_make_room(Tree *tree) {
  uint64_t count = tree_count(tree);
  if (count >= tree->stop_at) return TREE_STOPPED;
  TreeChunk *chunk = scratch_take(tree->scratch, sizeof *chunk);
  if (!chunk) return TREE_FULL;
  append_chunk(tree, chunk);
  tree->before = count;
  uint64_t room = tree->stop_at - count;
  tree->limit = chunk->nodes + (room < TREE_CHUNK_NODES ? room : TREE_CHUNK_NODES);
  return TREE_READY;
}
