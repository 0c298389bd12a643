#!lua

error('on three')
